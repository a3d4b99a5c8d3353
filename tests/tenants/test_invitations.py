"""Invitations: two links, a week, one use."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, PermissionDenied, Problem
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef, tenant_scope
from tenants.members import selectors, services
from tenants.members.models import Invitation, Member
from tests.people import Team
from tests.tenants.forms import Browsers, host_client, id_of, post

NEW = "newcomer@example.com"
PASSWORD = "the quiet samovar"


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect what goes to the mail port."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "tenants.members.mails.send_mail",
        lambda template, *, to, locale, context: sent.append(
            {"template": template, "to": to, "locale": locale, **context}
        ),
    )
    return sent


def token_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def test_invite_mail_join(browser_of: Browsers, team: Team, alpha: TenantRef, mails: list[dict[str, Any]]) -> None:
    boss = browser_of("alpha", "owner")
    department = Member.objects.get(pk=id_of(team["rep"])).department_id
    body = {"email": NEW.upper(), "name": "New", "roles": ["rep"], "department_id": department, "locale": "en"}
    made = post(boss, "/api/v1/invitations", body)
    assert made.status_code == 201, made.content
    mail = mails[-1]
    assert (mail["template"], mail["to"], mail["locale"], mail["inviter"]) == ("members/invitation", NEW, "en", "Owner")
    assert mail["url"].startswith(f"http://{alpha.slug}.localhost")
    assert mail["url"] != made.json()["link"]
    fresh = host_client(alpha.slug)
    path = f"/api/v1/invitations/by-token/{token_of(mail['url'])}"
    shown = fresh.get(path).json()
    assert (shown["email"], shown["inviter"], shown["workspace"]) == (NEW, "Owner", "Alpha")
    weak = post(fresh, path, {"name": "New", "password": "12345678"})
    assert (weak.status_code, weak.json()["fields"]["password"]) == (422, "password_too_common")
    joined = post(fresh, path, {"name": "小新", "password": PASSWORD})
    assert joined.status_code == 201, joined.content
    session = fresh.get("/api/v1/session").json()
    assert session["member"]["name"] == "小新"
    assert session["member"]["roles"] == ["rep"]
    member = Member.objects.get(pk=joined.json()["member_id"])
    assert (member.department_id, member.manager_id, member.locale) == (department, team["owner"].member_id, "en")
    assert EmailAddress.objects.get(user_id=member.user_id).verified
    assert fresh.get(path).json()["code"] == "invitation_used"
    listed = boss.get("/api/v1/invitations").json()["items"]
    assert [(item["state"], item["member_id"]) for item in listed] == [("accepted", member.pk)]
    assert OutboxEvent.objects.filter(kind="member.joined", aggregate_id=member.pk).exists()


def test_chat_link_joins_too_but_proves_no_address(owner: Actor) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    member = services.accept_invitation(token=token_of(made.link), name="New", password=PASSWORD)
    assert not EmailAddress.objects.get(user_id=member.user_id).verified


def test_links_are_kept_by_digest_only(owner: Actor) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    assert token_of(made.link) not in str(vars(Invitation.objects.get()))


def test_sending_again_ends_the_former_links(owner: Actor, mails: list[dict[str, Any]]) -> None:
    first = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    again = services.resend_invitation(actor=owner, invitation_id=first.id)
    for old in (first.link, mails[0]["url"]):
        with pytest.raises(Problem) as refused:
            services.open_invitation(token_of(old))
        assert refused.value.status == 404
    assert services.open_invitation(token_of(again.link)).email == NEW


def test_late_invitation_is_refused_until_sent_again(owner: Actor) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    with clock.at(clock.now() + timedelta(days=8)):
        with pytest.raises(Problem) as refused:
            services.accept_invitation(token=token_of(made.link), name="New", password=PASSWORD)
        assert (refused.value.status, refused.value.code) == (410, "invitation_expired")
        again = services.resend_invitation(actor=owner, invitation_id=made.id)
        assert services.open_invitation(token_of(again.link)).email == NEW


def test_revoked_invitation_is_worth_nothing_and_the_address_free(owner: Actor) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    services.revoke_invitation(actor=owner, invitation_id=made.id)
    with pytest.raises(Problem) as refused:
        services.open_invitation(token_of(made.link))
    assert refused.value.code == "invitation_revoked"
    assert services.create_invitation(actor=owner, email=NEW, roles=["agent"]).id != made.id


def test_one_open_invitation_an_address_and_none_for_members(owner: Actor) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    with pytest.raises(Conflict) as refused:
        services.create_invitation(actor=owner, email=f" {NEW.upper()}", roles=["rep"])
    assert (refused.value.code, refused.value.params["id"]) == ("already_invited", made.id)
    with pytest.raises(Conflict) as refused:
        services.create_invitation(actor=owner, email="rep@alpha.example.com", roles=["rep"])
    assert refused.value.code == "already_member"


def test_link_of_another_tenant_is_unknown(owner: Actor, beta: TenantRef) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    answer = host_client(beta.slug).get(f"/api/v1/invitations/by-token/{token_of(made.link)}")
    assert answer.status_code == 404
    with tenant_scope(beta):
        assert not Invitation.objects.exists()


def test_who_invites_gives_only_what_he_has(team: Team) -> None:
    with pytest.raises(PermissionDenied):
        services.create_invitation(actor=team["admin"], email=NEW, roles=["owner"])
    for part in ("manager", "rep", "agent"):
        with pytest.raises(PermissionDenied):
            services.create_invitation(actor=team[part], email=NEW, roles=["rep"])
    assert not Invitation.objects.exists()


@pytest.mark.committed
def test_link_clicked_by_two_makes_one_member(alpha: TenantRef) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    made = services.create_invitation(actor=Actor.system("test"), email=NEW, roles=["agent"])

    def join(number: int) -> str:
        try:
            with tenant_scope(alpha):
                services.accept_invitation(token=token_of(made.link), name=f"New {number}", password=PASSWORD)
                return "joined"
        except Problem as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(join, range(4)))
    assert outcomes == ["invitation_used"] * 3 + ["joined"]
    assert Member.objects.filter(user__email=NEW).count() == 1


def test_inviting_is_a_step_of_the_first_hour(browser_of: Browsers, owner: Actor) -> None:
    boss = browser_of("alpha", "owner")
    before = boss.get("/api/v1/first-hour").json()["items"]
    assert [item["code"] for item in before] == [
        "invite_colleagues",
        "connect_channel",
        "import_customers",
        "write_faqs",
        "try_assistant",
    ]
    assert not any(item["done_at"] for item in before)
    services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    boss.post("/api/v1/first-hour/try_assistant")
    done = [item["code"] for item in boss.get("/api/v1/first-hour").json()["items"] if item["done_at"]]
    assert done == ["invite_colleagues", "try_assistant"]
    assert services.mark_first_hour_step(actor=owner, code="try_assistant") is False
    assert boss.post("/api/v1/first-hour/dance").status_code == 404


def test_step_that_an_app_can_see_is_noted_when_somebody_looks(
    browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants.members.services import first_hour

    asked: list[str] = []

    def five_faqs() -> bool:
        asked.append("faqs")
        return len(asked) > 1

    monkeypatch.setattr(first_hour, "_checks", {})
    services.register_first_hour_check("write_faqs", five_faqs)
    boss = browser_of("alpha", "owner")
    done = [[i["code"] for i in boss.get("/api/v1/first-hour").json()["items"] if i["done_at"]] for _ in range(4)]
    assert done == [[], ["write_faqs"], ["write_faqs"], ["write_faqs"]]
    assert len(asked) == 2


def test_names_of_pickers_hold_the_new_member(owner: Actor) -> None:
    made = services.create_invitation(actor=owner, email=NEW, roles=["agent"])
    member = services.accept_invitation(token=token_of(made.link), name="New", password=PASSWORD)
    assert selectors.member_names([member.pk]) == {member.pk: "New"}
