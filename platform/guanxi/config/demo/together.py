"""How the demo's people work together: a role for field sales, a collaborator, a team, somebody who is away."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from crm.customers.selectors import find_customers
from crm.records.sharing.services import share_record
from guanxi.common import clock
from guanxi.config.demo import words
from guanxi.config.demo.company import Company
from tenants.members.selectors import visible_departments
from tenants.members.services import add_member, create_delegation, create_role, create_team

FIELD_SALES = "外勤"
CREW = "礼盒项目组"
KINDS = ("customer", "contact", "lead", "deal", "task", "activity")
FIELD_GRANTS = [f"{kind}.{action}" for kind in KINDS for action in ("read", "create", "update")]


def work_together(company: Company) -> None:
    """Share a few customers, let somebody stand in for an absent rep, and hire one who sees phones masked."""
    owner = company.people["owner"]
    if "rep3" not in company.people:
        return
    rep1, rep2, rep3 = (company.people[part] for part in ("rep1", "rep2", "rep3"))
    _hire_for_the_road(company)
    crew = create_team(
        actor=owner, name=CREW, description="企业礼盒定制", member_ids=[rep2.member_id or 0, rep3.member_id or 0]
    )
    first, second = find_customers(rep1, {"owner_id": rep1.member_id}).order_by("-updated_at")[:2]
    soon = clock.now() + timedelta(days=14)
    share_record(
        actor=rep1, kind="customer", record_id=first.pk, subject=f"member:{rep2.member_id}", level="edit", until=soon
    )
    share_record(actor=rep1, kind="customer", record_id=second.pk, subject=f"team:{crew.pk}")
    create_delegation(
        actor=rep3,
        to_member_id=rep2.member_id or 0,
        starts_at=clock.now(),
        ends_at=clock.now() + timedelta(days=5),
        note="年假",
    )


def _hire_for_the_road(company: Company) -> None:
    """Make the role that sees customers of the department with masked phones, and somebody who has it."""
    owner = company.people["owner"]
    sales = next(one for one in visible_departments(owner) if one.name == company.plan.departments.get("sales"))
    own = {permission: {"scope": "SELF"} for permission in FIELD_GRANTS}
    wide = {f"{kind}.read": {"scope": "DEPARTMENT"} for kind in ("customer", "contact", "deal")}
    masked = {kind: {"phone": "MASKED", "email": "MASKED"} for kind in ("customer", "contact", "lead")}
    looking = {f"{kind}.read": {"scope": "ALL"} for kind in ("member", "department", "team")}
    role = create_role(
        actor=owner, code="field_sales", name=FIELD_SALES, grants={**own, **wide, **looking}, field_modes=masked
    )
    add_member(
        actor=owner,
        email=f"qian@{company.plan.slug}.example.com",
        name="钱小川",
        roles=[role.code],
        department_id=sales.pk,
        manager_id=company.people["manager"].member_id,
        password_hash=make_password(words.PASSWORD),
        title="外勤销售",
        email_proven=True,
    )
