"""Gives leads to people: by hand, or by the first rule that fits."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from crm.activities.services import log_system
from crm.leads import events
from crm.leads.models import AssignmentRule, Lead
from crm.leads.selectors import access_lead, assignment_rules, open_lead_counts
from crm.leads.services.common import State, set_state, tell
from crm.records.services import give_to_owner, note_saved
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound
from guanxi.notifications.services import notify
from guanxi.realtime import online_members
from guanxi.timers.services import cancel_timer, set_timer
from tenants.members.selectors import active_member_ids, require_active_member

RESPONSE_DUE = "lead.response_due"
DEFAULT_RESPONSE_MINUTES = 30
RULE_FIELDS = ["name", "active", "position", "sources", "method", "member_ids", "online_only", "response_minutes"]


@transaction.atomic
def assign_lead(*, actor: Actor, lead_id: int, owner_id: int) -> Lead:
    """Give a lead to a member; the state and the history stay, and the time to answer begins anew."""
    require(actor, "lead.assign")
    lead = access_lead(actor, lead_id, "lead.assign", lock=True)
    require_active_member(owner_id)
    if lead.owner_id != owner_id:
        give_lead(actor, lead, owner_id)
    return lead


def give_lead(
    actor: Actor, lead: Lead, owner_id: int, minutes: int = DEFAULT_RESPONSE_MINUTES, *, tell_owner: bool = True
) -> None:
    """Make a member the owner of a locked lead, begin the time to answer, and tell the member."""
    before = lead.owner_id
    give_to_owner(lead, owner_id)
    now = clock.now()
    lead.assigned_at = now
    if lead.state in {State.NEW, State.ASSIGNED} and lead.first_response_at is None:
        lead.response_due_at = now + timedelta(minutes=minutes)
        set_timer(RESPONSE_DUE, lead.pk, lead.response_due_at)
    if lead.state == State.NEW:
        set_state(actor, lead, State.ASSIGNED)
    else:
        lead.version += 1
        lead.updated_at = now
    lead.save()
    note_saved(actor, "lead", lead, ["owner_id", "owner_department_path"])
    record_audit(actor=actor, action="assign", kind="lead", record_id=lead.pk, changes={"owner_id": (before, owner_id)})
    log_system(actor=actor, event=events.LEAD_ASSIGNED, record=("lead", lead.pk), data={"from": before, "to": owner_id})
    tell(actor, lead, events.LEAD_ASSIGNED, **{"from": before, "to": owner_id})
    if tell_owner and owner_id != actor.member_id:
        notify(
            member_ids=[owner_id],
            kind="lead_assigned",
            params={"name": lead.name or lead.company, "source": lead.source, "need": lead.need[:80]},
            record=("lead", lead.pk),
        )


def assign_automatically(*, actor: Actor, lead: Lead) -> None:
    """Give a new, locked lead to somebody by the first active rule that names its source; without one it stays
    unassigned.
    """
    for rule in assignment_rules().filter(active=True).select_for_update():
        if rule.sources and lead.source not in rule.sources:
            continue
        member_id = _choose(rule)
        if member_id is not None:
            rule.last_member_id = member_id
            rule.save(update_fields=["last_member_id"])
            give_lead(actor, lead, member_id, rule.response_minutes)
            return


def _choose(rule: AssignmentRule) -> int | None:
    members = active_member_ids(rule.member_ids)
    if rule.online_only:
        online = set(online_members())
        # Nobody there: better an answer tomorrow by its owner than a lead that is nobody's.
        members = [pk for pk in members if pk in online] or members
    if not members:
        return None
    if rule.method == AssignmentRule.Method.LEAST_LOADED:
        counts = open_lead_counts(members)
        return min(members, key=lambda pk: (counts[pk], pk))
    order = [pk for pk in rule.member_ids if pk in members]
    last = rule.last_member_id
    position = rule.member_ids.index(last) if last in rule.member_ids else -1
    later = [pk for pk in rule.member_ids[position + 1 :] if pk in members]
    chosen: int = (later or order)[0]
    return chosen


@transaction.atomic
def note_overdue_response(*, lead_id: int) -> None:
    """Warn the owner and the owner's manager that a lead waits for its first answer."""
    lead = (
        Lead.objects.select_for_update(of=("self",))
        .select_related("owner")
        .filter(pk=lead_id, first_response_at__isnull=True, archived_at__isnull=True)
        .first()
    )
    if lead is None or lead.owner is None or lead.state not in {State.NEW, State.ASSIGNED}:
        return
    members = [pk for pk in (lead.owner_id, lead.owner.manager_id) if pk]
    notify(
        member_ids=members,
        kind="lead_overdue",
        params={"name": lead.name or lead.company, "owner": lead.owner.name},
        record=("lead", lead.pk),
    )
    tell(Actor.system("a lead waited too long"), lead, events.LEAD_OVERDUE)


def stop_response_clock(lead: Lead) -> None:
    """End the warning for a lead that has been answered or closed."""
    cancel_timer(RESPONSE_DUE, lead.pk)


def resume_response_clock(lead: Lead) -> None:
    """Let the warning of a lead that still waits come when it is due."""
    waits = lead.first_response_at is None and lead.state in {State.NEW, State.ASSIGNED}
    if waits and lead.response_due_at is not None and lead.response_due_at > clock.now():
        set_timer(RESPONSE_DUE, lead.pk, lead.response_due_at)


@transaction.atomic
def create_assignment_rule(*, actor: Actor, values: Mapping[str, Any]) -> AssignmentRule:
    """Create a rule; every member it names must be at work here."""
    require(actor, "assignment_rule.manage")
    cleaned = {key: value for key, value in values.items() if key in RULE_FIELDS}
    cleaned["member_ids"] = _checked_members(values.get("member_ids", []))
    rule = AssignmentRule.objects.create(**cleaned)
    record_audit(actor=actor, action="create", kind="assignment_rule", record_id=rule.pk)
    return rule


def _checked_members(member_ids: list[int]) -> list[int]:
    if not member_ids or set(active_member_ids(member_ids)) != set(member_ids):
        raise Invalid("unknown_member", "A rule needs members who are at work here.", fields={"member_ids": "unknown"})
    # Each once: the turn goes by the place in the list.
    return list(dict.fromkeys(member_ids))


def _rule(rule_id: int) -> AssignmentRule:
    rule = AssignmentRule.objects.select_for_update().filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("assignment rule", rule_id)
    return rule


@transaction.atomic
def update_assignment_rule(*, actor: Actor, rule_id: int, changes: Mapping[str, Any]) -> AssignmentRule:
    """Change a rule."""
    require(actor, "assignment_rule.manage")
    rule = _rule(rule_id)
    for name in RULE_FIELDS:
        if (value := changes.get(name)) is not None:
            setattr(rule, name, _checked_members(value) if name == "member_ids" else value)
    rule.updated_at = clock.now()
    rule.save()
    record_audit(actor=actor, action="update", kind="assignment_rule", record_id=rule.pk)
    return rule


@transaction.atomic
def delete_assignment_rule(*, actor: Actor, rule_id: int) -> None:
    """Remove a rule."""
    require(actor, "assignment_rule.manage")
    rule = _rule(rule_id)
    record_audit(actor=actor, action="delete", kind="assignment_rule", record_id=rule.pk)
    rule.delete()
