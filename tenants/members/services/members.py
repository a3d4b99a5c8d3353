"""Members: joining, changing, leaving."""

from collections.abc import Iterable
from typing import Any, TypedDict
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import F

from guanxi.access import Actor, require
from guanxi.audit import diff, record_audit, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, NotSignedIn, Problem, VersionConflict
from guanxi.entitlements import seats
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.accounts.services import create_user, switch_user, update_user
from tenants.members import events
from tenants.members.actors import subordinate_ids
from tenants.members.models import Department, Member, Role
from tenants.members.services.guards import require_above, require_may_grant, require_other_owner, roles_of_codes
from tenants.members.types import BuiltInRole

EVERYONE = Audience(everyone=True)
FIELDS = ("name", "title", "phone", "manager", "department")
LOCALES = ("zh-CN", "en")
THEMES = ("system", "light", "dark")
MAX_SETTINGS = 8_000


class MemberChanges(TypedDict, total=False):
    """What may be changed of a member; a key that is absent stays as it is."""

    name: str
    title: str
    phone: str
    manager_id: int | None
    department_id: int | None
    roles: list[str]


class ProfileChanges(TypedDict, total=False):
    """What members may change of themselves."""

    name: str
    title: str
    phone: str
    locale: str
    timezone: str
    theme: str
    settings: dict[str, Any]


def lock_member(member_id: int) -> Member:
    """Return a member under its row's lock."""
    member = (
        Member.objects.select_for_update(of=("self",)).select_related("department", "user").filter(pk=member_id).first()
    )
    if member is None:
        raise NotFound("member", member_id)
    return member


def add_member(
    *,
    actor: Actor,
    email: str,
    name: str,
    roles: Iterable[str],
    password_hash: str | None = None,
    department_id: int | None = None,
    manager_id: int | None = None,
    phone: str = "",
    title: str = "",
    locale: str = "zh-CN",
    timezone: str = "Asia/Shanghai",
    email_proven: bool = False,
) -> Member:
    """Make a member with its user. Invitations end here; the demo and imports begin here."""
    require(actor, "invitation.create")
    wanted = roles_of_codes(roles)
    require_may_grant(actor, wanted)
    with transaction.atomic():
        _require_seat()
        user_id = create_user(
            email=email, name=name, phone=phone, password_hash=password_hash, locale=locale, email_proven=email_proven
        )
        member = Member.objects.create(
            user_id=user_id,
            name=name,
            phone=phone,
            title=title,
            locale=locale,
            timezone=timezone,
            department=_department(department_id),
            manager=_manager(None, manager_id),
        )
        member.roles.set(wanted)
        codes = sorted(role.code for role in wanted)
        record_audit(actor=actor, action="joined", kind="member", record_id=member.pk, changes={"roles": (None, codes)})
        record_event(
            events.JOINED, actor=actor, aggregate=("member", member.pk), data={"roles": codes}, audience=EVERYONE
        )
    return member


def update_member(*, actor: Actor, member_id: int, changes: MemberChanges, version: int | None = None) -> Member:
    """Change a member; `version` is what the caller had read, None when it does not care."""
    require(actor, "member.update")
    with transaction.atomic():
        member = lock_member(member_id)
        if version is not None and version != member.version:
            raise VersionConflict(member.version)
        if member_id != actor.member_id:
            require_above(actor, member)
        before = snapshot(member, FIELDS)
        if "name" in changes:
            member.name = _name(changes["name"])
        member.title = changes.get("title", member.title).strip()
        member.phone = changes.get("phone", member.phone).strip()
        if "manager_id" in changes:
            member.manager = _manager(member, changes["manager_id"])
        if "department_id" in changes:
            member.department = _department(changes["department_id"])
        roles_changed = _change_roles(actor, member, changes["roles"]) if "roles" in changes else False
        changed = diff(before, snapshot(member, FIELDS))
        if changed or roles_changed:
            _save(actor, member, changed)
    return member


def _save(actor: Actor, member: Member, changed: dict[str, tuple[Any, Any]]) -> None:
    member.version += 1
    member.updated_at = clock.now()
    member.save()
    update_user(user_id=member.user_id, name=member.name, phone=member.phone, locale=member.locale)
    if changed:
        record_audit(actor=actor, action="updated", kind="member", record_id=member.pk, changes=changed)
        data = {"fields": sorted(changed)}
        record_event(events.UPDATED, actor=actor, aggregate=("member", member.pk), data=data, audience=EVERYONE)


def _change_roles(actor: Actor, member: Member, codes: list[str]) -> bool:
    wanted, present = roles_of_codes(codes), list(member.roles.order_by("pk"))
    added = [role for role in wanted if role not in present]
    removed = [role for role in present if role not in wanted]
    if not added and not removed:
        return False
    require(actor, "member.grant_roles")
    require_may_grant(actor, [*added, *removed])
    if any(role.code == BuiltInRole.OWNER for role in removed):
        require_other_owner(member)
    member.roles.set(wanted)
    before, after = _codes(present), _codes(wanted)
    record_audit(
        actor=actor, action="roles_changed", kind="member", record_id=member.pk, changes={"roles": (before, after)}
    )
    data = {"added": _codes(added), "removed": _codes(removed)}
    record_event(events.ROLES_CHANGED, actor=actor, aggregate=("member", member.pk), data=data, audience=EVERYONE)
    return True


def _codes(roles: list[Role]) -> list[str]:
    return sorted(role.code for role in roles)


def switch_member_off(*, actor: Actor, member_id: int) -> Member:
    """Let a member take part no longer: all sessions end, records stay. The last owner cannot leave."""
    require(actor, "member.switch_off")
    with transaction.atomic():
        member = lock_member(member_id)
        if not member.is_active:
            return member
        if member_id == actor.member_id:
            raise Conflict("not_oneself", "Nobody switches himself off; ask another administrator.")
        require_above(actor, member)
        require_other_owner(member)
        return _switch(actor, member, Member.State.SWITCHED_OFF, events.SWITCHED_OFF)


def switch_member_on(*, actor: Actor, member_id: int) -> Member:
    """Let a member take part again."""
    require(actor, "member.switch_off")
    with transaction.atomic():
        member = lock_member(member_id)
        if member.is_active:
            return member
        require_above(actor, member)
        _require_seat()
        return _switch(actor, member, Member.State.ACTIVE, events.SWITCHED_ON)


def _require_seat() -> None:
    """Raise Problem("no_seat_left") when the plan has no room for one more.

    The root's lock makes two who join at once wait.
    """
    room = seats()
    if room is None:
        return
    list(Department.objects.select_for_update().filter(parent__isnull=True))
    if Member.objects.filter(state=Member.State.ACTIVE).count() >= room:
        raise Problem(
            "no_seat_left", status=402, detail=f"Your plan has {room} seats, and all are taken.", params={"seats": room}
        )


def _switch(actor: Actor, member: Member, state: str, kind: str) -> Member:
    before, member.state = member.state, state
    switch_user(user_id=member.user_id, active=state == Member.State.ACTIVE)
    Member.objects.filter(pk=member.pk).update(state=state, version=F("version") + 1, updated_at=clock.now())
    member.refresh_from_db(fields=["version", "updated_at"])
    record_audit(
        actor=actor,
        action=kind.partition(".")[2],
        kind="member",
        record_id=member.pk,
        changes={"state": (before, state)},
    )
    record_event(kind, actor=actor, aggregate=("member", member.pk), audience=EVERYONE)
    return member


def update_profile(*, actor: Actor, changes: ProfileChanges) -> Member:
    """Change what members may change of themselves."""
    if actor.member_id is None:
        raise NotSignedIn
    faults = _profile_faults(changes)
    if faults:
        raise Invalid("invalid_profile", "Some fields are wrong; see `fields`. Nothing was saved.", fields=faults)
    with transaction.atomic():
        member = lock_member(actor.member_id)
        names = tuple(name for name in (*ProfileChanges.__annotations__,) if name in changes)
        before = snapshot(member, names)
        for name in names:
            value = changes[name]  # type: ignore[literal-required]
            setattr(member, name, {**member.settings, **value} if name == "settings" else value)
        member.name = _name(member.name)
        changed = diff(before, snapshot(member, names))
        if changed:
            _save(actor, member, changed)
    return member


def _profile_faults(changes: ProfileChanges) -> dict[str, str]:
    allowed: tuple[tuple[str, Iterable[str]], ...] = (
        ("locale", LOCALES),
        ("theme", THEMES),
        ("timezone", available_timezones()),
    )
    given: dict[str, Any] = {**changes}
    faults = {name: "unknown" for name, values in allowed if name in given and given[name] not in values}
    if "settings" in changes and len(str(changes["settings"])) > MAX_SETTINGS:
        faults["settings"] = "too_long"
    return faults


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 50:
        raise Invalid("invalid_name", "A name has 1 to 50 characters.", fields={"name": "length"})
    return stripped


def _department(department_id: int | None) -> Department | None:
    if department_id is None:
        return None
    department = Department.objects.filter(pk=department_id).first()
    if department is None:
        raise Invalid("unknown_department", "There is no such department.", fields={"department_id": "unknown"})
    return department


def _manager(member: Member | None, manager_id: int | None) -> Member | None:
    if manager_id is None:
        return None
    manager = Member.objects.filter(pk=manager_id, state=Member.State.ACTIVE).first()
    if manager is None:
        raise Invalid("unknown_manager", "There is no such member at work.", fields={"manager_id": "unknown"})
    if member is not None and manager_id in {member.pk, *subordinate_ids(member.pk)}:
        raise Invalid("circle_of_managers", "Nobody can be below himself.", fields={"manager_id": "circle"})
    return manager
