"""Takes leads in: from a channel, a program or a person."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services import log_system
from crm.customers.services import record_consent
from crm.leads import events
from crm.leads.models import Lead
from crm.leads.selectors import open_lead_of
from crm.leads.services.assignment import assign_automatically, give_lead
from crm.leads.services.common import State, clean, index, lock_person, tell
from crm.leads.types import Capture, CapturedLead
from crm.records.services import change_record, clean_record, log_state_change, save_new, stamp_new
from guanxi.access import Actor, ActorKind, allows, require
from guanxi.common.errors import Invalid
from tenants.members.selectors import require_active_member

CAPTURED = ["name", "company", "phone", "email", "wechat", "city", "need", "budget", "timing"]


@transaction.atomic
def create_lead(*, actor: Actor, values: Mapping[str, Any], owner_id: int | None = None, assign: bool = False) -> Lead:
    """Create a lead by hand or by a program. With an owner it is assigned at once; with `assign` the rules choose one.

    Raises Invalid("lead_empty") without any of name, company, phone, e-mail and WeChat id.
    """
    require(actor, "lead.create")
    cleaned = clean_record(actor, "lead", clean(values))
    if not any(str(cleaned.get(key, "")).strip() for key in ("name", "company", "phone", "email", "wechat")):
        raise Invalid(
            "lead_empty",
            "A lead needs a name, a company or a way to reach it. Nothing was saved.",
            fields={"name": "missing"},
        )
    if owner_id is not None and owner_id != actor.member_id:
        require(actor, "lead.assign")
        require_active_member(owner_id)
    lead = Lead(**cleaned)
    for_others = assign if owner_id is None else owner_id != actor.member_id
    _stamp(actor, lead, keeps=not for_others)
    _save_new(actor, lead)
    if owner_id is not None and for_others:
        give_lead(actor, lead, owner_id)
    elif for_others:
        assign_automatically(actor=Actor.system("assignment rules"), lead=lead)
    return lead


def _stamp(actor: Actor, lead: Lead, *, keeps: bool) -> None:
    """Set who made the lead; it is the maker's own when `keeps`, else nobody's until it is given to somebody."""
    stamp_new(actor if keeps else Actor.system("assignment follows"), lead)
    lead.created_by_id = lead.updated_by_id = actor.member_id
    lead.state = State.ASSIGNED if lead.owner_id else State.NEW


def _save_new(actor: Actor, lead: Lead) -> None:
    index(lead)
    save_new(actor, lead, "lead")
    log_state_change(actor, lead, "lead", before="", after=lead.state)
    log_system(actor=actor, event=events.LEAD_CREATED, record=("lead", lead.pk), data={"source": lead.source})
    tell(actor, lead, events.LEAD_CREATED, state=lead.state, to=lead.owner_id)


@transaction.atomic
def capture_lead(*, actor: Actor, captured: CapturedLead) -> Capture:
    """Make or enrich the one open lead of a person, with source, touch and consent, and give a new one to somebody.

    What is known already is never overwritten by something shorter; a need grows by what is new in it.
    """
    cleaned = clean({name: getattr(captured, name) for name in CAPTURED if getattr(captured, name)})
    lock_person(identity_id=captured.identity_id, phone=cleaned.get("phone", ""))
    lead = open_lead_of(
        identity_id=captured.identity_id, phone=cleaned.get("phone", ""), phone_verified=captured.phone_verified
    )
    if lead is None:
        lead = Lead(
            **cleaned,
            source=captured.source,
            identity_id=captured.identity_id,
            conversation_id=captured.conversation_id,
        )
        lead.first_touch = lead.last_touch = {"source": captured.source, **captured.touch}
        # Who works leads keeps those that they make of their own talks; all others go where the rules say.
        keeps = actor.kind is ActorKind.MEMBER and allows(actor, "lead.update")
        _stamp(actor, lead, keeps=keeps)
        _save_new(actor, lead)
        _keep_consent(actor, captured)
        if lead.owner_id is None:
            assign_automatically(actor=Actor.system("assignment rules"), lead=lead)
        return Capture(lead.pk, True, tuple(sorted(cleaned)), lead.owner_id)
    changed = _enrich(actor, lead, cleaned, captured)
    _keep_consent(actor, captured)
    return Capture(lead.pk, False, tuple(sorted(changed)), lead.owner_id)


def _keep_consent(actor: Actor, captured: CapturedLead) -> None:
    if captured.consent and captured.identity_id:
        record_consent(
            actor=actor,
            identity_id=captured.identity_id,
            channel=captured.consent.get("channel", captured.source),
            purpose=captured.consent.get("purpose", "contact"),
            text_version=captured.consent.get("text_version", "1"),
            proof=captured.consent.get("proof", {}),
        )


def _enrich(actor: Actor, lead: Lead, cleaned: Mapping[str, Any], captured: CapturedLead) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name, value in cleaned.items():
        known = getattr(lead, name)
        if name == "need" and known and value not in known:
            changes[name] = f"{known}\n{value}"[:2000]
        elif not known:
            changes[name] = value
    if captured.touch:
        changes["last_touch"] = {"source": captured.source, **captured.touch}
    if captured.conversation_id and not lead.conversation_id:
        changes["conversation_id"] = captured.conversation_id
    if captured.identity_id and not lead.identity_id:
        changes["identity_id"] = captured.identity_id
    changed = change_record(actor, lead, "lead", changes, action="enrich")
    told = sorted(set(changed) - {"last_touch"})
    if told:
        index(lead)
        lead.save(update_fields=["search_keys"])
        log_system(actor=actor, event=events.LEAD_ENRICHED, record=("lead", lead.pk), data={"fields": told})
        tell(actor, lead, events.LEAD_ENRICHED, fields=told)
    return changed
