"""A company's own host name routes once its DNS record was seen, and never before."""

from collections.abc import Iterator
from datetime import timedelta

import dns.rcode
import pytest
from pytest_django.fixtures import Settings

from guanxi.access import Actor
from guanxi.audit.models import AuditEntry
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound, PermissionDenied
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef, public_scope, tenant_scope
from guanxi.tenancy.hosts import HostKind, resolve_host
from tenants.workspaces.services import (
    add_domain,
    check_domain,
    check_waiting_domains,
    make_domain_primary,
    remove_domain,
    request_domain_check,
)
from tests.fakes.dns import FakeDns
from tests.people import Team
from tests.tenants.forms import Browsers

HOST = "crm.longjing-tea.cn"


@pytest.fixture
def names(settings: Settings) -> Iterator[FakeDns]:
    """Let the platform ask a name server of the test's own."""
    with FakeDns() as server:
        settings.GUANXI_DNS_SERVERS = (server.address,)
        yield server


def test_a_domain_routes_once_its_record_is_seen(owner: Actor, alpha: TenantRef, names: FakeDns) -> None:
    domain = add_domain(actor=owner, host="CRM.Longjing-Tea.cn.")
    assert domain.host == HOST
    assert check_domain(domain_id=domain.pk).finding == "no_record"
    assert resolve_host(HOST)[0] is HostKind.UNKNOWN
    names.records[f"_guanxi.{HOST}"] = ["v=spf1 -all"]
    assert check_domain(domain_id=domain.pk).finding == "other_value"
    names.records[f"_guanxi.{HOST}"] = ["v=spf1 -all", domain.challenge]
    proven = check_domain(domain_id=domain.pk)
    assert (proven.finding, proven.is_primary) == ("", True) and proven.verified_at is not None
    assert resolve_host(HOST) == (HostKind.WORKSPACE, alpha)
    assert AuditEntry.objects.filter(action="domain_proven").count() == 1
    with public_scope():
        told = OutboxEvent.objects.filter(kind="workspace.domain_checked").order_by("id").values_list("data", flat=True)
        assert [row["finding"] for row in told] == ["no_record", "other_value", ""]
    remove_domain(actor=owner, domain_id=domain.pk)
    assert resolve_host(HOST)[0] is HostKind.UNKNOWN


def test_a_name_server_that_fails_is_told_and_changes_nothing(owner: Actor, names: FakeDns) -> None:
    domain = add_domain(actor=owner, host=HOST)
    names.rcode = dns.rcode.SERVFAIL
    found = check_domain(domain_id=domain.pk)
    assert (found.finding, found.verified_at) == ("dns_unreachable", None)


def test_who_only_claims_a_name_does_not_get_it(
    owner: Actor, alpha: TenantRef, beta: TenantRef, names: FakeDns
) -> None:
    mine = add_domain(actor=owner, host=HOST)
    with tenant_scope(beta):
        squatted = add_domain(actor=Actor.system("test"), host=HOST)
        assert squatted.challenge != mine.challenge
    names.records[f"_guanxi.{HOST}"] = [mine.challenge, squatted.challenge]
    check_domain(domain_id=mine.pk)
    with tenant_scope(beta):
        assert check_domain(domain_id=squatted.pk).finding == "domain_taken"
        with pytest.raises(NotFound):
            check_domain(domain_id=mine.pk)
    assert resolve_host(HOST) == (HostKind.WORKSPACE, alpha)


def test_only_a_proven_name_becomes_primary(owner: Actor, names: FakeDns) -> None:
    first, second = add_domain(actor=owner, host=HOST), add_domain(actor=owner, host="b.longjing-tea.cn")
    with pytest.raises(Conflict):
        make_domain_primary(actor=owner, domain_id=second.pk)
    for domain in (first, second):
        names.records[f"_guanxi.{domain.host}"] = [domain.challenge]
        check_domain(domain_id=domain.pk)
    make_domain_primary(actor=owner, domain_id=second.pk)
    first.refresh_from_db()
    assert not first.is_primary


def test_waiting_names_are_looked_for_daily_for_two_weeks(owner: Actor, names: FakeDns) -> None:
    add_domain(actor=owner, host=HOST)
    assert check_waiting_domains() == 1
    with clock.at(clock.now() + timedelta(days=15)):
        assert check_waiting_domains() == 0
    assert names.asked == [f"_guanxi.{HOST}"]


def test_the_check_over_the_api(team: Team, browser_of: Browsers, names: FakeDns) -> None:
    boss = browser_of("alpha", "owner")
    made = boss.post("/api/v1/domains", {"host": HOST}, content_type="application/json").json()
    answer = boss.post(f"/api/v1/domains/{made['id']}/check")
    assert answer.status_code == 202 and answer.json()["finding"] == ""
    assert boss.post(f"/api/v1/domains/{made['id']}/primary").json()["code"] == "domain_unproven"
    assert browser_of("alpha", "rep").post(f"/api/v1/domains/{made['id']}/check").status_code == 403
    with pytest.raises(PermissionDenied):
        request_domain_check(actor=team["rep"], domain_id=made["id"])
