"""Each package that the product is built on carries a story: taken away, or made hollow, the story breaks."""

import ast
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from tests.architecture.sources import ROOT, product, top
from tests.architecture.without import MARK, VARIABLE

ABSENT = ROOT / "tests" / "architecture" / "absent"


@dataclass(frozen=True)
class Story:
    """A test that tells what a package does for the product; `modules` are the names that it is imported by."""

    test: str
    modules: tuple[str, ...]

    @property
    def file(self) -> str:
        """Return the file that the test stands in."""
        return self.test.partition("::")[0]

    @property
    def function(self) -> str:
        """Return the name of the test's function."""
        return self.test.rpartition("::")[2].partition("[")[0]


STORIES = {
    "django": Story("tests/tenants/test_sign_up.py::test_form_to_signed_in_owner", ("django",)),
    "django-tenants": Story(
        "tests/tenants/test_sign_up.py::test_hand_over_works_once_and_only_at_its_workspace", ("django_tenants",)
    ),
    "channels": Story(
        "tests/guanxi/realtime/test_sockets.py::test_each_hears_what_the_roles_admit_and_nobody_has_a_gap",
        ("channels",),
    ),
    "daphne": Story("tests/helm/test_roles.py::test_a_role_starts_answers_its_probes_and_ends[web]", ("daphne",)),
    "celery": Story("tests/guanxi/jobs/test_workers.py::test_the_tenant_travels_with_the_task", ("celery",)),
    "langchain": Story(
        "tests/bots/assistant/test_model_path.py::test_a_generated_answer_rests_on_a_passage_and_is_labelled",
        ("langchain", "langchain_core", "langchain_openai"),
    ),
    "wechatpy": Story(
        "tests/bots/channels/wechat/test_callback.py::test_a_message_is_stored_with_its_person_and_its_window",
        ("wechatpy",),
    ),
    "stripe": Story("tests/billing/test_story.py::test_a_workspace_pays_and_is_active", ("stripe",)),
}
# The packages that the product was asked to be built on, and what each is imported by.
FOUNDATIONS = {
    "django": "django",
    "django-tenants": "django_tenants",
    "channels": "channels",
    "daphne": "daphne",
    "celery": "celery",
    "langchain": "langchain_core",
    "wechatpy": "wechatpy",
    "stripe": "stripe",
}


def tell(story: Story, wish: str = "") -> subprocess.CompletedProcess[str]:
    """Run a story's test in a process of its own, with packages taken away from it and from what it starts."""
    # A name of its own, so that it neither uses nor drops the database of the run that it is part of.
    outer = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    environ = {**os.environ, VARIABLE: wish, "PYTHONPATH": str(ABSENT), "PYTEST_XDIST_WORKER": f"gw{8 + outer}"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-q", story.test],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("package", list(STORIES))
def test_whole_the_story_holds(package: str) -> None:
    done = tell(STORIES[package])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("package", list(STORIES))
def test_removed_the_story_breaks(package: str) -> None:
    story = STORIES[package]
    done = tell(story, f"removed:{','.join(story.modules)}")
    assert done.returncode != 0, done.stdout
    assert MARK in done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("package", list(STORIES))
def test_hollow_the_story_breaks(package: str) -> None:
    story = STORIES[package]
    done = tell(story, f"hollow:{','.join(story.modules)}")
    assert done.returncode != 0, done.stdout
    assert "1 passed" not in done.stdout


@pytest.mark.parametrize("package", list(STORIES))
def test_the_story_exists(package: str) -> None:
    story = STORIES[package]
    tree = ast.parse((ROOT / story.file).read_text(encoding="utf-8"))
    assert story.function in {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_foundation_that_stands_has_its_story() -> None:
    imported = {top(item.name) for source in product() for item in source.imports()} | {"daphne"}
    standing = {package for package, module in FOUNDATIONS.items() if module in imported}
    assert standing - set(STORIES) == set()


def test_stories_are_of_foundations() -> None:
    assert set(STORIES) <= set(FOUNDATIONS)
    assert all(FOUNDATIONS[package] in story.modules for package, story in STORIES.items())
