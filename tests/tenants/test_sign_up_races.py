"""Many at once: one workspace a key, one owner a subdomain, and never an error for want of a spare."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection

from guanxi.common.errors import Conflict
from guanxi.tenancy import tenant_scope
from tenants.members.models import Member
from tenants.workspaces.models import SignUp, SpareSchema, Workspace
from tenants.workspaces.provisioning.schemas import is_current
from tenants.workspaces.provisioning.spares import refill_spares
from tenants.workspaces.services import finish_sign_up, sign_up
from tests.tenants.forms import form_for

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.committed]
T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Run the calls in as many threads, each with a connection of its own."""

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            return call()
        except Exception as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_twenty_sign_ups_on_three_spares() -> None:
    SpareSchema.objects.all().delete()
    refill_spares(wanted=3)
    forms = [form_for(f"shop-{number}") for number in range(20)]
    results = at_once(*[lambda form=form: sign_up(form=form) for form in forms])
    states = Counter(entry.state if isinstance(entry, SignUp) else repr(entry) for entry in results)
    assert states == {"ready": 3, "preparing": 17}
    assert not SpareSchema.objects.exists()
    waiting = list(SignUp.objects.filter(state=SignUp.State.PREPARING).values_list("pk", flat=True))
    # Each twice, as a queue may hand them out.
    finished = at_once(*[lambda pk=pk: finish_sign_up(sign_up_id=pk) for pk in waiting[:4] * 2])
    assert not [fault for fault in finished if isinstance(fault, Exception)]
    for pk in waiting[4:]:
        finish_sign_up(sign_up_id=pk)
    ready = Workspace.objects.filter(slug__startswith="shop-", state=Workspace.State.TRIALING)
    assert ready.count() == 20
    for workspace in ready:
        with tenant_scope(workspace.ref):
            owner = Member.objects.select_related("user").get()
            assert owner.user.email == f"lin@{workspace.slug}.example.com"
    assert is_current(ready[19].schema_name)


def test_one_key_submitted_eight_times_at_once_is_one_workspace() -> None:
    SpareSchema.objects.all().delete()
    refill_spares(wanted=2)
    form = form_for("longjing")
    results = at_once(*[lambda: sign_up(form=form)] * 8)
    assert {entry.pk for entry in results if isinstance(entry, SignUp)} == {SignUp.objects.get(slug="longjing").pk}
    assert len([entry for entry in results if isinstance(entry, SignUp)]) == 8, results
    assert SpareSchema.objects.count() == 1


def test_one_subdomain_wanted_by_eight_goes_to_one() -> None:
    SpareSchema.objects.all().delete()
    refill_spares(wanted=3)
    results = at_once(*[lambda: sign_up(form=form_for("longjing"))] * 8)
    won = [entry for entry in results if isinstance(entry, SignUp)]
    lost = [fault for fault in results if isinstance(fault, Conflict)]
    assert (len(won), len(lost)) == (1, 7), results
    assert {fault.code for fault in lost} == {"subdomain_taken"}
    assert SignUp.objects.filter(slug="longjing").count() == 1
    assert SpareSchema.objects.count() == 2
