"""Taking a package away, seen to work: removed it cannot be imported, hollow it can and does nothing."""

import os
import subprocess
import sys

import pytest

from tests.architecture.without import MARK, VARIABLE, hollow, take_away


def run(wish: str, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program with a package taken away."""
    return subprocess.run(
        [sys.executable, "-c", f"import tests.architecture.without\n{program}"],
        env={**os.environ, VARIABLE: wish},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_removed_package_cannot_be_imported() -> None:
    done = run("removed:stripe", "import orjson\nimport stripe")
    assert done.returncode == 1
    assert f"stripe was {MARK}" in done.stderr


def test_a_part_of_it_neither() -> None:
    done = run("removed:stripe", "from stripe.error import X")
    assert f"was {MARK}" in done.stderr


def test_several_go_together() -> None:
    done = run("removed:langchain,stripe", "import stripe")
    assert f"stripe was {MARK}" in done.stderr


def test_another_package_with_the_same_beginning_stays() -> None:
    done = run("removed:django", "import django_tenants_like_name")
    assert MARK not in done.stderr
    assert "No module named" in done.stderr


def test_a_hollow_package_takes_everything_and_does_nothing() -> None:
    program = (
        "import stripe\nfrom stripe.webhook import Webhook\n"
        "class Mine(stripe.Client): pass\n"
        "made = Mine('key').events.list(limit=3)\nprint(type(made).__name__)\n"
        "try:\n    raise stripe.CardError('no')\nexcept stripe.CardError as fault:\n    print(fault)\n"
    )
    done = run("hollow:stripe", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Hollow", "no"]


def test_a_shell_answers_with_shells() -> None:
    shell = hollow("Webhook")
    assert shell.construct_event is not None
    assert isinstance(shell(1).anything(2), object)
    assert issubclass(hollow("CardError"), Exception)


@pytest.mark.parametrize("wish", ["stripe", "gone:stripe", "removed:"])
def test_a_wish_that_makes_no_sense_is_refused(wish: str) -> None:
    with pytest.raises(ValueError, match=VARIABLE):
        take_away(wish)
