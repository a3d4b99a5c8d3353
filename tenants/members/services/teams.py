"""Teams: named groups of members across departments."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from guanxi.access import Actor, require
from guanxi.audit import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members import events
from tenants.members.models import Member, Team

EVERYONE = Audience(everyone=True)
MAX_DESCRIPTION = 200


def create_team(*, actor: Actor, name: str, description: str = "", member_ids: Iterable[int] = ()) -> Team:
    """Make a team of members at work."""
    require(actor, "team.manage")
    members = _members(member_ids)
    with transaction.atomic():
        try:
            with transaction.atomic():
                team = Team.objects.create(name=_name(name), description=description.strip()[:MAX_DESCRIPTION])
        except IntegrityError as fault:
            raise Conflict("team_name_taken", "There is a team of this name.") from fault
        team.members.set(members)
        record_audit(
            actor=actor,
            action="created",
            kind="team",
            record_id=team.pk,
            changes={"name": (None, team.name), "members": (None, [member.pk for member in members])},
        )
        record_event(events.TEAM_CREATED, actor=actor, aggregate=("team", team.pk), audience=EVERYONE)
    return team


def update_team(
    *,
    actor: Actor,
    team_id: int,
    name: str | None = None,
    description: str | None = None,
    member_ids: Iterable[int] | None = None,
) -> Team:
    """Rename a team, or change who is in it; None stays."""
    require(actor, "team.manage")
    with transaction.atomic():
        team = _locked(team_id)
        changes: dict[str, tuple[object, object]] = {}
        if name is not None and _name(name) != team.name:
            changes["name"] = (team.name, _name(name))
        if description is not None and description.strip()[:MAX_DESCRIPTION] != team.description:
            changes["description"] = (team.description, description.strip()[:MAX_DESCRIPTION])
        before = sorted(team.members.values_list("pk", flat=True))
        wanted = before if member_ids is None else [member.pk for member in _members(member_ids)]
        if wanted != before:
            changes["members"] = (before, wanted)
            team.members.set(wanted)
        if changes:
            _save(actor, team, changes)
    return team


def _save(actor: Actor, team: Team, changes: dict[str, tuple[object, object]]) -> None:
    team.name = str(changes.get("name", ("", team.name))[1])
    team.description = str(changes.get("description", ("", team.description))[1])
    team.updated_at = clock.now()
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as fault:
        raise Conflict("team_name_taken", "There is a team of this name.") from fault
    record_audit(actor=actor, action="updated", kind="team", record_id=team.pk, changes=changes)
    data = {"fields": sorted(changes)}
    record_event(events.TEAM_UPDATED, actor=actor, aggregate=("team", team.pk), data=data, audience=EVERYONE)


def remove_team(*, actor: Actor, team_id: int) -> None:
    """Remove a team; what was shared with it is shared no longer."""
    require(actor, "team.manage")
    with transaction.atomic():
        team = _locked(team_id)
        changes = {"name": (team.name, None)}
        team.delete()
        record_audit(actor=actor, action="removed", kind="team", record_id=team_id, changes=changes)
        record_event(events.TEAM_REMOVED, actor=actor, aggregate=("team", team_id), audience=EVERYONE)


def _locked(team_id: int) -> Team:
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise NotFound("team", team_id)
    return team


def _members(member_ids: Iterable[int]) -> list[Member]:
    wanted = set(member_ids)
    members = list(Member.objects.filter(pk__in=wanted).order_by("pk"))
    if len(members) != len(wanted):
        raise Invalid("unknown_member", "One of them is no member.", fields={"member_ids": "unknown"})
    return members


def _name(name: str) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 50:
        raise Invalid("invalid_name", "A name has 1 to 50 characters.", fields={"name": "length"})
    return stripped
