"""Fills a tenant, through its services, with one of everything that a path or a body can name."""

import io
from base64 import b64decode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bots.assistant.models import Answer
from bots.channels.services import create_channel
from crm.activities.services import create_task, log_activity, plan_activity
from crm.conversations.models import Message
from crm.conversations.services import create_canned_reply, link_conversation, receive_message, send_member_message
from crm.conversations.types import ChannelRef, Inbound
from crm.customers.services import create_contact, create_customer, record_consent
from crm.customers.types import PersonKey
from crm.deals.models import Pipeline
from crm.deals.services import create_competitor, create_deal, create_loss_reason, create_pipeline
from crm.duplicates.models import DuplicatePair, TransferRequest
from crm.duplicates.services import merge_records, set_rule
from crm.handover.models import Handover, HandoverItem
from crm.imports.models import Export, Import
from crm.imports.services import start_export, upload_table
from crm.integration.models import WebhookDelivery
from crm.integration.services import create_endpoint
from crm.knowledge.services import create_article, create_faq, preview_import, record_unanswered
from crm.leads.services import create_assignment_rule, create_lead
from crm.pools.models import PoolEntry, RecycleRule
from crm.pools.services import activate_rule, claim_entries, create_pool, draft_rule, lock_record, put_records
from crm.pools.types import Terms
from crm.records.services import create_saved_view
from crm.records.sharing.services import share_record
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.customfields.services import create_field, save_layout
from guanxi.files.services import store_file
from guanxi.jobs.models import Job
from guanxi.jobs.services import create_job, fail_job, finish_job
from guanxi.notifications.models import Notification
from guanxi.notifications.services import notify
from guanxi.tenancy import public_scope
from tenants.members.models import Department, Member
from tenants.members.services import (
    add_member,
    create_api_key,
    create_delegation,
    create_department,
    create_invitation,
    create_role,
    create_team,
)
from tenants.workspaces.models import Domain
from tenants.workspaces.services import add_domain

Ids = dict[str, int]
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
SHEET = "question,answer\n{0} price?,{0} ten\n"
# What a customer of another member in every round has, so that it is met by it.
MET_PHONE = "13911112222"


@dataclass(frozen=True, slots=True)
class Word:
    """The word that every text of a tenant holds, with the number of the round, so that two rounds do not collide."""

    canary: str
    number: int

    def __str__(self) -> str:
        return f"{self.canary}{self.number}"

    @property
    def phone(self) -> str:
        """A phone number of this round."""
        return f"1390000{self.number:04d}"

    @property
    def app_id(self) -> str:
        """The WeChat account of this round, unique over all tenants."""
        return "wx" + str(self).lower().ljust(16, "0")


def seed(actor: Actor, word: Word) -> Ids:
    """Fill the present tenant; return the ids by what they name."""
    ids = _structure(actor, word)
    ids |= _custom_fields(actor, word)
    ids |= _channels(actor, word)
    ids |= seed_records(actor, word, channel_id=ids["channel"])
    ids |= _sales_settings(actor, word, ids)
    ids |= _pools(actor, word, ids)
    ids |= _tables(actor, word)
    ids |= _handed_over(actor, word, giver_id=ids["member"], customer_id=ids["customer"])
    ids |= _knowledge(actor, word)
    ids |= _platform(actor, word)
    ids |= _webhooks(actor, word)
    ids |= _duplicates(actor, word, ids)
    return ids


def _structure(actor: Actor, word: Word) -> Ids:
    root = Department.objects.order_by("path")[0]
    department = create_department(actor=actor, name=f"{word} department", parent_id=root.pk)
    member = add_member(
        actor=actor, email=f"{word}@example.com".lower(), name=f"{word} member", roles=["rep"], department_id=root.pk
    )
    role = create_role(actor=actor, code=f"custom_{word.number}", name=f"{word} role", grants={}, field_modes={})
    invitation = create_invitation(
        actor=actor, email=f"invited.{word}@example.com".lower(), roles=["rep"], name=f"{word} guest"
    )
    key = create_api_key(actor=actor, name=f"{word} key", permissions=["lead.read"])
    team = create_team(actor=actor, name=f"{word} team", description=f"{word}", member_ids=[member.pk])
    away = create_delegation(
        actor=actor, from_member_id=member.pk, to_member_id=actor.member_id or 0, note=f"{word} note",
        starts_at=clock.now() + timedelta(days=30 + word.number),
        ends_at=clock.now() + timedelta(days=31 + word.number),
    )  # fmt: skip
    domain = add_domain(actor=actor, host=f"{word}.example.org".lower())
    with public_scope():
        Domain.objects.filter(pk=domain.pk).update(verified_at=clock.now())
    return {
        "department": department.pk, "member": member.pk, "role": role.pk, "invitation": invitation.id,
        "key": key.id, "domain": domain.pk, "team": team.pk, "delegation": away.pk,
    }  # fmt: skip


def _channels(actor: Actor, word: Word) -> Ids:
    web = create_channel(actor=actor, kind="web", name=f"{word} site", values={})
    values = {
        "app_id": word.app_id, "app_secret": "secret" * 5, "token": f"token{word.number:03}", "aes_key": AES_KEY,
        "original_id": f"gh_{word}".lower(),
    }  # fmt: skip
    wechat = create_channel(actor=actor, kind="wechat", name=f"{word} wechat", values=values)
    return {"channel": web.pk, "wechat": wechat.pk}


def _talk(actor: Actor, word: Word, channel_id: int) -> Ids:
    def write(name: str) -> Any:
        sender = PersonKey("web_visitor", f"{channel_id}:{name}", display_name=f"{word} visitor")
        inbound = Inbound(ChannelRef(channel_id, "web"), sender, f"{name}-1", "text", f"{word} asks", clock.now())
        return receive_message(inbound=inbound)

    talk, failing = write(f"{word} a {actor.name}"), write(f"{word} b {actor.name}")
    failed = send_member_message(
        actor=Actor.system("seed"), conversation_id=failing.conversation_id, text=f"{word} answer"
    )
    Message.objects.filter(pk=failed.pk).update(state=Message.State.FAILED, error="gone")
    Answer.objects.create(message_id=talk.message_id, conversation_id=talk.conversation_id, action="direct")
    record_consent(
        actor=actor, identity_id=talk.identity_id, channel="web", purpose="contact", text_version="1",
        proof={"text": str(word)},
    )  # fmt: skip
    return {
        "conversation": talk.conversation_id, "message": talk.message_id, "failed_message": failed.pk,
        "failed_conversation": failing.conversation_id, "identity": talk.identity_id,
    }  # fmt: skip


def seed_records(actor: Actor, word: Word, *, channel_id: int) -> Ids:
    """Make the actor one of each business record; return the ids by kind."""
    customer = create_customer(actor=actor, values={"name": f"{word} company", "phone": word.phone})
    contact = create_contact(
        actor=actor, values={"name": f"{word} person", "title": f"{word} boss"}, customer_id=customer.pk
    )
    lead = create_lead(actor=actor, values={"name": f"{word} lead", "need": f"{word} need", "phone": word.phone})
    deal = create_deal(
        actor=actor, values={"name": f"{word} deal", "customer_id": customer.pk, "contact_id": contact.pk}
    )
    # With oneself, so that it opens nothing to anybody.
    share = share_record(
        actor=actor, kind="customer", record_id=customer.pk, subject=f"member:{actor.member_id}", level="edit"
    )
    due = clock.now() + timedelta(days=1)
    task = create_task(actor=actor, values={"title": f"{word} task", "due_at": due}, record=("customer", customer.pk))
    activity = log_activity(actor=actor, kind="note", record=("customer", customer.pk), body=f"{word} note")
    visit = log_activity(actor=actor, kind="visit", record=("customer", customer.pk), body=f"{word} visit")
    plan = plan_activity(actor=actor, kind="call", subject=f"{word} plan", at=due, record=("customer", customer.pk))
    view = create_saved_view(actor=actor, kind="lead", name=f"{word} view", filters={}, columns=[])
    ids = {
        "customer": customer.pk, "contact": contact.pk, "lead": lead.pk, "deal": deal.pk, "task": task.pk,
        "activity": activity.pk, "visit": visit.pk, "plan": plan.pk, "view": view.pk,
        "share": share.pk,
    }  # fmt: skip
    # Of oneself, so that it too opens nothing to anybody.
    ids |= _handed_over(actor, word, giver_id=actor.member_id or 0, customer_id=customer.pk)
    talks = _talk(actor, word, channel_id)
    for name in ("conversation", "failed_conversation"):
        link_conversation(conversation_id=talks[name], lead_id=lead.pk, owner_id=actor.member_id)
    return ids | talks


def _sales_settings(actor: Actor, word: Word, ids: Ids) -> Ids:
    stages = [{"name": f"{word} {kind}", "kind": kind} for kind in ("open", "open", "won", "lost")]
    pipeline = create_pipeline(actor=actor, name=f"{word} pipeline", stages=stages)
    rule = create_assignment_rule(
        actor=actor, values={"name": f"{word} rule", "sources": ["never"], "member_ids": [ids["member"]]}
    )
    reply = create_canned_reply(actor=actor, shortcut=f"s{word}", title=f"{word} title", text=f"{word} text")
    # In the first round the second stage of the pipeline that the deal is in, so that the deal can go there.
    home = Pipeline.objects.get(is_default=True) if word.number == 0 else pipeline
    stage = home.stages.order_by("position")[1 if word.number == 0 else 0]
    first, second = pipeline.stages.order_by("position")[:2]
    reason = create_loss_reason(actor=actor, name=f"{word} reason")
    rival = create_competitor(actor=actor, values={"name": f"{word} rival"})
    return {
        "pipeline": pipeline.pk, "stage": stage.pk, "rule": rule.pk, "reply": reply.pk, "first_stage": first.pk,
        "second_stage": second.pk, "loss_reason": reason.pk, "competitor": rival.pk,
    }  # fmt: skip


def _tables(actor: Actor, word: Word) -> Ids:
    def table() -> Import:
        rows = f"客户名称,电话\n{word} imported,{word.phone}\n".encode()
        return upload_table(actor=actor, kind="customer", name=f"{word}.csv", stream=io.BytesIO(rows))

    fresh, checked, running, done = table(), table(), table(), table()
    job = create_job(actor=actor, kind="records.none", params={"word": str(word)})
    Import.objects.filter(pk=checked.pk).update(state="checked", report={"rows": 1})
    Import.objects.filter(pk=running.pk).update(state="running", run_job_id=job.pk)
    Import.objects.filter(pk=done.pk).update(
        state="done", finished_at=clock.now(), counts={"created": 1}, error_file_id=done.file_id
    )
    busy = start_export(actor=actor, kind="customer", columns=["name"], format_="csv", filters={"q": str(word)})
    ready = start_export(actor=actor, kind="customer", columns=["name"], format_="csv", filters={"q": str(word)})
    later = clock.now() + timedelta(hours=1)
    Export.objects.filter(pk=ready.pk).update(state="done", file_id=done.file_id, expires_at=later)
    return {
        "import": fresh.pk, "checked_import": checked.pk, "running_import": running.pk, "done_import": done.pk,
        "export": ready.pk, "running_export": busy.pk,
    }  # fmt: skip


def _handed_over(actor: Actor, word: Word, *, giver_id: int, customer_id: int) -> Ids:
    department = Member.objects.select_related("department").get(pk=giver_id).department
    handover = Handover.objects.create(
        from_owner_id=giver_id, from_owner_department_path=department.path if department else "", state="done",
        made_by_id=actor.member_id or 0, receiver_ids=[actor.member_id],
        what={"kinds": ["customer"], "ids": {}}, target={"member_ids": [actor.member_id]}, note=f"{word} leaves",
        counts={"customer": {"moved": 1, "kept": 0, "returned": 0, "stayed": 0}}, finished_at=clock.now(),
    )  # fmt: skip
    HandoverItem.objects.create(
        handover=handover, kind="customer", record_id=customer_id, state="moved",
        from_owner_id=giver_id, to_owner_id=actor.member_id,
    )  # fmt: skip
    return {"handover": handover.pk}


def _pools(actor: Actor, word: Word, ids: Ids) -> Ids:
    pool = create_pool(actor=actor, kind="lead", values={"name": f"{word} pool"})
    empty = create_pool(actor=actor, kind="lead", values={"name": f"{word} empty pool"})
    leads = [create_lead(actor=actor, values={"name": f"{word} pooled {number}"}).pk for number in range(2)]
    put_records(actor=actor, pool_id=pool.pk, record_ids=leads, reason=f"{word} reason")
    lying = dict(PoolEntry.objects.filter(pool=pool).values_list("record_id", "pk"))
    claim_entries(actor=actor, pool_id=pool.pk, entry_ids=[lying[leads[0]]])
    lock_record(actor=actor, kind="customer", record_id=ids["customer"], reason=f"{word} lock")
    rules = []
    for days in (30, 60):
        rule = draft_rule(actor=actor, pool_id=pool.pk, terms=Terms(no_follow_up_days=days), note=f"{word} rule")
        RecycleRule.objects.filter(pk=rule.pk).update(rehearsed_at=clock.now())
        rules.append(rule.pk)
    activate_rule(actor=actor, rule_id=rules[0])
    return {"pool": pool.pk, "empty_pool": empty.pk, "entry": lying[leads[1]], "recycle_rule": rules[1]}


def _knowledge(actor: Actor, word: Word) -> Ids:
    faq = create_faq(actor=actor, values={"question": f"{word} question?", "answer": f"{word} answer"}, publish=True)
    article = create_article(actor=actor, values={"title": f"{word} article", "body": f"{word} body"}, publish=True)
    gap = record_unanswered(question=f"{word} unanswered question", conversation_id=None)
    assert gap is not None
    sheet = preview_import(actor=actor, name="faqs.csv", content=SHEET.format(word).encode())
    return {"faq": faq.pk, "article": article.pk, "gap": gap.pk, "import_file": sheet.file_id}


def _custom_fields(actor: Actor, word: Word) -> Ids:
    made = create_field(actor=actor, kind="customer", values={"type": "text", "label": f"{word} field"})
    sections = [{"code": "basic", "label": f"{word} section", "fields": ["name"]}]
    save_layout(actor=actor, kind="customer", role="", sections=sections, known={"name"})
    return {"custom_field": made.pk}


def _duplicates(actor: Actor, word: Word, ids: Ids) -> Ids:
    set_rule(actor=actor, kind="customer", entry="manual", changes={"joins": True})
    theirs = create_customer(actor=actor, values={"name": f"{word} met", "phone": MET_PHONE}, owner_id=ids["member"])
    asked = TransferRequest.objects.create(
        kind="lead", record_id=ids["lead"], by_id=actor.member_id or 0, asked_id=ids["member"], reason=f"{word} asks"
    )
    pair = DuplicatePair.objects.create(
        kind="contact", record_id=ids["contact"], other_kind="lead", other_id=ids["lead"], sorts=["phone"], score=1
    )
    twins = [create_contact(actor=actor, values={"name": f"{word} twin {number}"}).pk for number in range(2)]
    merge = merge_records(actor=actor, kind="contact", winner_id=twins[0], loser_ids=twins[1:])
    return {
        "met_customer": theirs.pk, "transfer_request": asked.pk, "duplicate": pair.pk, "duplicate_merge": merge.pk,
    }  # fmt: skip


def _webhooks(actor: Actor, word: Word) -> Ids:
    made = create_endpoint(
        actor=actor, values={"url": f"https://{word}.example.org/hook".lower(), "kinds": ["deal.won"]}
    )
    delivery = WebhookDelivery.objects.create(
        endpoint_id=made.id, event_id=word.number + 1, kind="deal.won", payload={"id": str(word)}, answer=str(word),
        state="failed", created_at=clock.now(),
    )  # fmt: skip
    return {"endpoint": made.id, "delivery": delivery.pk}


def _platform(actor: Actor, word: Word) -> Ids:
    stored = store_file(actor=actor, name=f"{word}.txt", content=f"{word} in a file".encode(), purpose="attachment")
    photo = store_file(actor=actor, name=f"{word}.png", content=PIXEL, purpose="visit_photo")
    job = create_job(actor=actor, kind="knowledge.import", params={"file_id": 0, "word": str(word)})
    failed = create_job(actor=actor, kind="knowledge.import", params={"file_id": 0, "word": str(word)})
    fail_job(job=failed, code="job_failed")
    assert Job.objects.get(pk=failed.pk).state == Job.State.FAILED
    edited = create_job(actor=actor, kind="records.bulk_edit", params={"kind": "customer", "word": str(word)})
    finish_job(job=edited)
    assert actor.member_id is not None
    notify(member_ids=[actor.member_id], kind="task_due", params={"title": str(word)}, record=None)
    notification = Notification.objects.order_by("-pk")[0]
    return {
        "file": stored.pk,
        "photo": photo.pk,
        "job": job.pk,
        "failed_job": failed.pk,
        "bulk_edit": edited.pk,
        "notification": notification.pk,
    }
