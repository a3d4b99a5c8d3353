"""No sign-up waits for ever: lost tasks are sent again, and what cannot be done frees its subdomain."""

from datetime import timedelta
from typing import Any

import pytest

from guanxi.common import clock
from guanxi.timers import run_due
from guanxi.timers.models import Due
from tenants.workspaces import looking_after, tasks
from tenants.workspaces.models import SignUp, SpareSchema, Workspace
from tenants.workspaces.selectors import check_subdomain
from tenants.workspaces.services import signing_up
from tests.tenants.forms import SIGNUPS, base_client, body_for, post

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def waiting() -> SignUp:
    """Have a sign-up that found no spare."""
    SpareSchema.objects.all().delete()
    assert post(base_client(), SIGNUPS, body_for("longjing")).status_code == 202
    return SignUp.objects.get(slug="longjing")


def test_lost_task_is_sent_again_until_the_sign_up_is_ready(waiting: SignUp, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, tuple[Any, ...]]] = []
    monkeypatch.setattr(looking_after, "enqueue", lambda task, *args: sent.append((task.name, args)))
    run_due()
    assert sent == []
    with clock.at(clock.now() + timedelta(seconds=30)):
        run_due()
        assert ("workspaces.finish_sign_up", (waiting.pk,)) in sent
        assert ("workspaces.refill_spares", ()) in sent
        assert Due.objects.filter(kind=looking_after.KIND).exists()
        tasks.finish_sign_up(waiting.pk)
    sent.clear()
    monkeypatch.setattr(looking_after, "spares_missing", lambda: 0)
    with clock.at(clock.now() + timedelta(seconds=90)):
        run_due()
    assert sent == []
    assert not Due.objects.filter(kind=looking_after.KIND).exists()


def test_sign_up_that_cannot_be_done_is_given_up(waiting: SignUp, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr(signing_up, "make_spare", broken)
    for attempt in range(1, signing_up.MAX_ATTEMPTS + 1):
        assert SignUp.objects.get(pk=waiting.pk).state == SignUp.State.PREPARING, attempt
        with pytest.raises(OSError, match="full"):
            tasks.finish_sign_up(waiting.pk)
    given_up = SignUp.objects.get(pk=waiting.pk)
    assert (given_up.state, given_up.error, given_up.form) == (SignUp.State.FAILED, "OSError", "")
    assert not Workspace.objects.filter(slug="longjing").exists()
    assert check_subdomain("longjing").available
    monkeypatch.undo()
    assert post(base_client(), SIGNUPS, body_for("longjing")).status_code in {201, 202}


def test_refill_task_makes_one_and_asks_for_the_next(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    SpareSchema.objects.all().delete()
    settings.GUANXI_SPARE_SCHEMAS = 2
    asked: list[str] = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, *args: asked.append(task.name))
    tasks.refill_spares()
    assert (SpareSchema.objects.count(), asked) == (1, ["workspaces.refill_spares"])
    tasks.refill_spares()
    assert (SpareSchema.objects.count(), len(asked)) == (2, 1)
