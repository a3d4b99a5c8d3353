"""Founds a demo company: workspace, departments, people, channels, knowledge."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import transaction

from bots.channels.models import Channel
from bots.channels.selectors import visible_channels
from bots.channels.services import check_channel, create_channel
from bots.evaluation.faqs import shipped_faqs
from crm.conversations.services import create_canned_reply
from crm.integration.services import create_endpoint
from crm.knowledge.services import create_article, create_faq
from crm.leads.selectors import assignment_rules
from crm.leads.services import update_assignment_rule
from guanxi.access import Actor, known_permissions
from guanxi.audit.models import AuditEntry
from guanxi.audit.services import record_audit
from guanxi.config.demo import words
from guanxi.tenancy import TenantRef, require_tenant, tenant_scope
from tenants.members.selectors import actor_of_email
from tenants.members.services import (
    add_member,
    create_api_key,
    create_department,
    mark_first_hour_step,
    update_member,
)
from tenants.members.types import FirstHour
from tenants.workspaces.models import SignUp
from tenants.workspaces.provisioning.schemas import drop_schema
from tenants.workspaces.selectors import workspace_by_slug
from tenants.workspaces.services import sign_up
from tenants.workspaces.types import SignUpForm

TeamPlan = Mapping[str, tuple[str, str, str, str, str, str]]
FILLED = "demo_filled"


@dataclass(frozen=True)
class Plan:
    """What one demo company is."""

    slug: str
    company: str
    account_name: str
    team: TeamPlan
    departments: Mapping[str, str]
    with_knowledge: bool


@dataclass
class Company:
    """A founded company: its tenant, its people's actors by part, its channels."""

    plan: Plan
    tenant: TenantRef
    people: dict[str, Actor] = field(default_factory=dict)
    wechat_id: int = 0
    web_id: int = 0

    def email(self, part: str) -> str:
        """Return the address that somebody signs in with."""
        return f"{self.plan.team[part][0]}@{self.plan.slug}.example.com"


MINGXI = Plan("mingxi", "杭州茗溪茶业有限公司", "茗溪茶礼", words.TEAM, words.DEPARTMENTS, True)
SHANHAI = Plan("shanhai", "青岛山海文创有限公司", "山海文创", words.SECOND_TEAM, {}, False)
PLANS = (MINGXI, SHANHAI)


def made_up(plan: Plan, what: str) -> str:
    """Return a secret of the played WeChat account, the same at every start; it opens nothing outside of the demo."""
    return hashlib.sha256(f"demo:{plan.slug}:{what}".encode()).hexdigest()


def wechat_account(plan: Plan) -> dict[str, str]:
    """Return the played account's keys."""
    return {
        "app_id": "wx" + made_up(plan, "app")[:16],
        "secret": made_up(plan, "secret")[:32],
        "original_id": "gh_" + made_up(plan, "original")[:12],
        "token": made_up(plan, "token")[:16],
        "aes_key": made_up(plan, "aes")[:42] + "A",
    }


def for_programs(path: str = "") -> str:
    """Return an address of the base site that works in every program: by number, since *.localhost resolves in few."""
    parts = urlsplit(settings.GUANXI_BASE_URL)
    return urlunsplit((parts.scheme, f"127.0.0.1:{parts.port or 80}", path, "", ""))


def workspace_url(slug: str) -> str:
    """Return a workspace's address for a browser."""
    parts = urlsplit(settings.GUANXI_BASE_URL)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{slug}.{settings.GUANXI_BASE_DOMAIN}{port}"


def finished(plan: Plan) -> TenantRef | None:
    """Return the company's tenant when it was filled to the end; one whose filling was broken off is removed."""
    workspace = workspace_by_slug(plan.slug)
    if workspace is None:
        return None
    with tenant_scope(workspace.ref):
        if AuditEntry.objects.filter(action=FILLED).exists():
            return workspace.ref
    drop_schema(workspace.schema_name)
    workspace.delete()
    SignUp.objects.filter(slug=plan.slug).delete()
    cache.clear()
    return None


def mark_finished() -> None:
    """Note that the company was filled to the end; nobody needs to be shown its first hour."""
    tenant = require_tenant()
    for step in FirstHour:
        mark_first_hour_step(actor=Actor.system("the demo"), code=step)
    record_audit(actor=Actor.system("the demo"), action=FILLED, kind="workspace", record_id=tenant.id)


def found(plan: Plan) -> TenantRef:
    """Sign the company up, as anybody would; return its tenant."""
    name, full_name = plan.team["owner"][0], plan.team["owner"][1]
    sign_up(
        form=SignUpForm(
            key=uuid.uuid5(uuid.NAMESPACE_DNS, f"demo.{plan.slug}"),
            company=plan.company,
            slug=plan.slug,
            name=full_name,
            email=f"{name}@{plan.slug}.example.com",
            phone="",
            password=words.PASSWORD,
            plan="trial",
            locale="zh-CN",
            accepts_terms=True,
        )
    )
    workspace = workspace_by_slug(plan.slug)
    if workspace is None or workspace.state == "provisioning":
        raise RuntimeError(f"the workspace of {plan.slug} is still being prepared")
    return workspace.ref


def load_people(company: Company) -> None:
    """Load the actors of everybody, by their part."""
    for part in company.plan.team:
        company.people[part] = actor_of_email(company.email(part))


def hire(company: Company) -> None:
    """Make departments and people, and let the assignment rule know the reps."""
    load_owner = actor_of_email(company.email("owner"))
    company.people["owner"] = load_owner
    departments = {
        code: create_department(actor=load_owner, name=name).pk for code, name in company.plan.departments.items()
    }
    password = make_password(words.PASSWORD)
    ids: dict[str, int] = {"owner": load_owner.member_id or 0}
    for part, (email, name, title, role, department, manager) in company.plan.team.items():
        if part == "owner":
            update_member(actor=load_owner, member_id=ids["owner"], changes={"title": title})
            continue
        member = add_member(
            actor=load_owner,
            email=f"{email}@{company.plan.slug}.example.com",
            name=name,
            roles=[role],
            password_hash=password,
            department_id=departments.get(department),
            manager_id=ids.get(manager),
            title=title,
            email_proven=True,
        )
        ids[part] = member.pk
    load_people(company)
    reps = [ids[part] for part in company.plan.team if part.startswith("rep")]
    rule = assignment_rules()[0]
    changes: dict[str, object] = {"member_ids": reps, "response_minutes": 30}
    update_assignment_rule(actor=company.people["owner"], rule_id=rule.pk, changes=changes)


def connect_channels(company: Company) -> None:
    """Connect the played WeChat account and a chat on the company's site."""
    owner, keys = company.people["owner"], wechat_account(company.plan)
    values = {
        "app_id": keys["app_id"],
        "app_secret": keys["secret"],
        "original_id": keys["original_id"],
        "token": keys["token"],
        "aes_key": keys["aes_key"],
        "account_type": "verified_service",
        "encryption": "encrypted",
    }
    wechat = create_channel(actor=owner, kind="wechat", name=company.plan.account_name, values=values)
    web = create_channel(actor=owner, kind="web", name=f"{company.plan.account_name}官网", values={})
    company.wechat_id, company.web_id = wechat.pk, web.pk


def channel_of(company: Company, kind: str) -> Channel:
    """Return the company's channel of a kind."""
    return visible_channels(company.people["owner"]).get(kind=kind)


def play_wechat(company: Company, fake: str) -> None:
    """Tell the played Tencent of the account at each start, since ports may change, and let it verify our callback."""
    keys = wechat_account(company.plan)
    given = {
        **keys,
        "name": company.plan.account_name,
        "callback_url": for_programs(f"/wechat/{keys['app_id']}"),
        "mode": "encrypted",
    }
    known = {each["app_id"] for each in requests.get(f"{fake}/_control/accounts", timeout=10).json()}
    if keys["app_id"] in known:
        changes = {name: given[name] for name in ("callback_url", "secret", "token", "aes_key", "name")}
        requests.patch(f"{fake}/_control/accounts/{keys['app_id']}", json=changes, timeout=10).raise_for_status()
    else:
        requests.post(f"{fake}/_control/accounts", json=given, timeout=10).raise_for_status()
    answer = requests.post(f"{fake}/_control/accounts/{keys['app_id']}/enable", json={}, timeout=20)
    if answer.status_code != 200:
        raise RuntimeError(f"the played WeChat could not verify our callback: {answer.text}")


def check_channels(company: Company) -> None:
    """Let the product check the connection by itself, as the set-up page does."""
    check_channel(actor=company.people["owner"], channel_id=company.wechat_id)


@transaction.atomic
def write_knowledge(company: Company) -> None:
    """Write the questions and answers that the evaluation ships, some articles, and ready answers for the agents."""
    admin = company.people["admin"]
    for faq in shipped_faqs():
        values = {name: faq[name] for name in ("question", "similar", "answer", "language", "category")}
        create_faq(actor=admin, values=values, publish=True)
    for title, category, body in words.ARTICLES:
        create_article(actor=admin, values={"title": title, "category": category, "body": body}, publish=True)
    for shortcut, title, text in words.CANNED:
        create_canned_reply(actor=admin, shortcut=shortcut, title=title, text=text)


def show_webhook(company: Company) -> None:
    """Enter the address of the company's stock system, switched off: nobody listens there."""
    values = {
        "url": "https://erp.example.com/hooks/guanxi",
        "description": words.WEBHOOK,
        "kinds": ["customer.created", "deal.won", "deal.lost"],
        "active": False,
    }
    create_endpoint(actor=company.people["owner"], values=values)


def make_api_key(company: Company) -> str:
    """Return a fresh key that may do what programs commonly do."""
    actions = ("read", "create", "update")
    wanted = [
        f"{kind}.{action}"
        for kind in ("lead", "customer", "contact", "deal", "conversation", "task")
        for action in actions
        if action in known_permissions().get(kind, ())
    ]
    return create_api_key(actor=company.people["owner"], name="demo", permissions=wanted).key


def describe(company: Company, *, api_key: str, widget_key: str, fake: str) -> dict[str, Any]:
    """Return the company's part of var/demo.json."""
    keys = wechat_account(company.plan)
    return {
        "name": company.plan.company,
        "schema": company.tenant.schema,
        "host": f"{company.plan.slug}.{settings.GUANXI_BASE_DOMAIN}",
        "url": workspace_url(company.plan.slug),
        "users": [
            {"email": company.email(part), "password": words.PASSWORD, "role": role}
            for part, (_, _, _, role, _, _) in company.plan.team.items()
        ],
        "api_key": api_key,
        "wechat": {
            "callback_url": for_programs(f"/wechat/{keys['app_id']}"),
            "token": keys["token"],
            "aes_key": keys["aes_key"],
            "app_id": keys["app_id"],
            "original_id": keys["original_id"],
        },
        "widget": {"script_url": for_programs("/widget.js"), "key": widget_key},
        "phone_simulator_url": f"{fake}/phone/{keys['app_id']}",
    }
