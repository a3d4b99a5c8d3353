"""One policy answers on every path: list, detail, search, count, board, timeline, live event agree with the rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.activities.models import Task
from crm.activities.selectors import access_task, find_tasks, timeline
from crm.activities.services import create_task
from crm.conversations.models import Conversation
from crm.conversations.selectors import (
    access_conversation,
    conversation_counts,
    find_conversations,
    find_messages,
    messages_of,
)
from crm.conversations.services.machine import audience_of_conversation
from crm.customers.models import Contact, Customer
from crm.customers.selectors import access_contact, access_customer, find_contacts, find_customers
from crm.customers.services import create_contact, create_customer
from crm.deals.models import Deal
from crm.deals.selectors import access_deal, board, find_deals
from crm.deals.services import create_deal
from crm.leads.models import Lead
from crm.leads.selectors import access_lead, find_leads
from crm.leads.services import create_lead
from crm.records.selectors import search_everything
from crm.records.services import audience_of
from guanxi.access import Actor, ActorKind, Grant, Scope, in_scope
from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.realtime.audiences import admits
from guanxi.tenancy import TenantRef
from tenants.members.models import Department, Member
from tests.crm.makers import written

KINDS = ("customer", "contact", "lead", "deal", "task", "conversation")
ROWS = 5
MODELS: dict[str, Any] = {
    "customer": Customer, "contact": Contact, "lead": Lead, "deal": Deal, "task": Task, "conversation": Conversation,
}  # fmt: skip
ACCESS: dict[str, Callable[[Actor, int], Any]] = {
    "customer": access_customer, "contact": access_contact, "lead": access_lead, "deal": access_deal,
    "task": access_task, "conversation": access_conversation,
}  # fmt: skip
FIND: dict[str, Callable[[Actor, dict[str, Any]], Any]] = {
    "customer": find_customers, "contact": find_contacts, "lead": find_leads, "deal": find_deals, "task": find_tasks,
    "conversation": find_conversations,
}  # fmt: skip


@dataclass
class Stage:
    """Whom and what the worlds are made of."""

    alpha: TenantRef
    members: list[int]
    paths: list[str]


@pytest.fixture
def stage(alpha: TenantRef) -> Stage:
    """Five of each record, called Tea; the worlds give them to people."""
    system = Actor.system("worlds")
    for number in range(ROWS):
        name = f"Tea {number}"
        customer = create_customer(actor=system, values={"name": name})
        contact = create_contact(actor=system, values={"name": name})
        if number % 2:
            contact.customers.add(customer)
        create_lead(actor=system, values={"name": name})
        create_deal(actor=system, values={"name": name, "customer_id": customer.pk if number % 2 else None})
        create_task(actor=system, values={"title": name, "due_at": clock.now()})
        written(name, who=name)
    members = list(Member.objects.order_by("pk").values_list("pk", flat=True))
    return Stage(alpha, members, sorted(Department.objects.values_list("path", flat=True)))


SCOPES = st.sampled_from([None, *Scope])
GRANTS = st.fixed_dictionaries({f"{kind}.read": st.lists(SCOPES, max_size=2) for kind in KINDS})
# For each row of each kind: whose it is (an index of the members, none at 9), and of which department.
OWNERS = st.lists(
    st.tuples(st.sampled_from((0, 1, 2, 3, 4, 9)), st.integers(0, 3)), min_size=ROWS * 6, max_size=ROWS * 6
)
TALKS = st.lists(
    st.tuples(st.sampled_from(("bot", "queued", "open", "resolved")), st.sampled_from((0, 2, 4, 9))),
    min_size=ROWS, max_size=ROWS,
)  # fmt: skip


def _actor(stage: Stage, data: st.DataObject) -> Actor:
    chosen = frozenset({data.draw(st.sampled_from(stage.paths))})
    grants = {
        permission: frozenset(
            Grant(scope, chosen if scope is Scope.CHOSEN else frozenset()) for scope in scopes if scope is not None
        )
        for permission, scopes in data.draw(GRANTS).items()
        if any(scopes)
    }
    if "conversation.read" in grants and data.draw(st.booleans()):
        grants["conversation.reply"] = grants["conversation.read"]
    me = data.draw(st.sampled_from(stage.members[:5]))
    below = data.draw(st.frozensets(st.sampled_from(stage.members), max_size=2)) - {me}
    path = data.draw(st.sampled_from([*stage.paths, ""]))
    return Actor(
        ActorKind.MEMBER, stage.alpha, member_id=me, grants=grants, department_path=path, subordinate_ids=below
    )


def _give(stage: Stage, data: st.DataObject) -> None:
    owners = iter(data.draw(OWNERS))
    for kind in KINDS:
        for row in MODELS[kind].objects.order_by("pk"):
            number, place = next(owners)
            owner = stage.members[number] if number < 9 else None
            path = stage.paths[place % len(stage.paths)] if owner else ""
            MODELS[kind].objects.filter(pk=row.pk).update(owner_id=owner, owner_department_path=path)
    talks = iter(data.draw(TALKS))
    for conversation in Conversation.objects.order_by("pk"):
        state, assignee = next(talks)
        member = stage.members[assignee] if assignee < 9 and state == "open" else None
        Conversation.objects.filter(pk=conversation.pk).update(state=state, assignee_id=member)
    Task.objects.filter(pk=data.draw(st.sampled_from(list(Task.objects.values_list("pk", flat=True))))).update(
        created_by_id=data.draw(st.sampled_from(stage.members[:5]))
    )


def _rule(actor: Actor, kind: str, row: Any) -> bool:
    """The rule in words: the scope, or what comes by way of the customer, the work, the queue, having asked for it."""
    permission = f"{kind}.read"
    if permission not in actor.grants:
        return False
    if in_scope(actor, permission, owner_id=row.owner_id, department_path=row.owner_department_path):
        return True
    if kind == "contact":
        return any(_rule(actor, "customer", customer) for customer in row.customers.all())
    if kind == "deal":
        return row.customer is not None and row.customer.owner_id == actor.member_id
    if kind == "task":
        return bool(row.created_by_id == actor.member_id)
    if kind == "conversation":
        waits = row.state == "queued" and "conversation.reply" in actor.grants
        return waits or row.assignee_id == actor.member_id
    return False


def _reaches(access: Callable[[], Any]) -> bool:
    try:
        access()
    except NotFound:
        return False
    return True


def _paths(actor: Actor, kind: str) -> Iterator[tuple[str, set[int]]]:
    """Yield what each path says that the actor may see."""
    rows = list(MODELS[kind].objects.all())
    yield "list", {row.pk for row in FIND[kind](actor, {})}
    yield "list with a word", {row.pk for row in FIND[kind](actor, {"q": "Tea"})}
    yield "detail", {row.pk for row in rows if _reaches(lambda row=row: ACCESS[kind](actor, row.pk))}  # type: ignore[misc]
    yield "timeline", {row.pk for row in rows if _reaches(lambda row=row: list(timeline(actor, kind, row.pk)))}  # type: ignore[misc]
    yield "search", {hit.id for hit in search_everything(actor, "Tea", kinds=[kind])}
    if kind == "deal":
        columns = board(actor, None, {})
        yield "board", {deal.pk for column in columns for deal in column.deals}
        assert sum(column.count for column in columns) == FIND[kind](actor, {}).count()
    if kind == "conversation":
        yield "messages", {message.conversation_id for message in find_messages(actor, {})}
        yield "talk", {row.pk for row in rows if _reaches(lambda row=row: list(messages_of(actor, row.pk)))}  # type: ignore[misc]


def _live(actor: Actor, kind: str, row: Any) -> bool:
    audience = audience_of_conversation(row) if kind == "conversation" else audience_of(row, f"{kind}.read")
    return admits(actor, audience)


# Shrinking a failure of sixty draws takes minutes and tells no more than the assertion.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=60, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_all_paths_agree(stage: Stage, data: st.DataObject) -> None:
    actor = _actor(stage, data)
    _give(stage, data)
    for kind in KINDS:
        rows = list(MODELS[kind].objects.all())
        allowed = {row.pk for row in rows if _rule(actor, kind, row)}
        for path, seen in _paths(actor, kind):
            assert seen == allowed, (path, kind, actor.grants)
        heard = {row.pk for row in rows if _live(actor, kind, row)}
        assert heard <= allowed, ("what may not be seen is not heard of", kind)
        in_reach = {
            row.pk
            for row in rows
            if in_scope(actor, f"{kind}.read", owner_id=row.owner_id, department_path=row.owner_department_path)
        }
        assert in_reach <= heard or kind == "conversation", kind
    counts = conversation_counts(actor)
    for view in ("mine", "unassigned", "open", "waiting", "bot", "snoozed"):
        shown = find_conversations(actor, {"view": view}).exclude(state="resolved")
        assert counts[view] == shown.count(), view
