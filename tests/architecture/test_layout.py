"""Where things are: names that could be mistaken are not, and each package comes from this repository."""

import platform
import re
import subprocess
import sys
import sysconfig
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture.sources import PACKAGES, ROOT, product


def stray_modules(root: Path) -> list[str]:
    """Return Python files that would make the folder `platform` a package and hide the standard library's module."""
    return sorted(path.name for path in (root / "platform").glob("*.py"))


def test_import_platform_is_the_standard_librarys() -> None:
    assert platform.__file__ is not None
    assert Path(platform.__file__).is_relative_to(sysconfig.get_paths()["stdlib"])
    assert stray_modules(ROOT) == []


def test_import_platform_is_the_standard_librarys_when_started_here() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import platform, guanxi; print(platform.__file__, platform.python_version())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(sysconfig.get_paths()["stdlib"])


def test_a_stray_module_is_caught(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    assert stray_modules(tmp_path) == []
    (tmp_path / "platform" / "__init__.py").touch()
    assert stray_modules(tmp_path) == ["__init__.py"]


@pytest.mark.parametrize("package", list(PACKAGES))
def test_each_package_comes_from_this_repository(package: str) -> None:
    module = import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == PACKAGES[package]


def listed_twice(shared: list[str], tenant: list[str]) -> list[str]:
    """Return apps that stand on both levels, or twice on one."""
    both = [*shared, *tenant]
    return sorted({app for app in both if both.count(app) > 1})


def test_an_app_stands_on_one_level() -> None:
    assert listed_twice(settings.SHARED_APPS, settings.TENANT_APPS) == []
    assert [*settings.SHARED_APPS, *settings.TENANT_APPS] == settings.INSTALLED_APPS


def test_an_app_on_both_levels_is_caught() -> None:
    assert listed_twice(["a", "b"], ["c", "a"]) == ["a"]
    assert listed_twice(["a", "a"], []) == ["a"]


def test_every_app_with_models_is_installed() -> None:
    with_models = {
        source.app
        for source in product()
        if source.parts[2:3] == ("models",) and source.module != "guanxi.common.models"
    }
    abstract = {source.app for source in product() if source.parts[2:] == ("apps",)}
    assert with_models - set(settings.INSTALLED_APPS) == set()
    assert abstract - set(settings.INSTALLED_APPS) == set()


FORBIDDEN_APPS = {"django.contrib.admin", "django.contrib.sites", "django_celery_beat"}


def test_no_app_that_has_no_place_here() -> None:
    assert FORBIDDEN_APPS.isdisjoint(settings.INSTALLED_APPS)


def test_no_catch_all_modules() -> None:
    catch_alls = {"utils", "helpers", "misc", "common_utils"}
    assert [source.module for source in product() if catch_alls & set(source.parts)] == []


# A path of a machine: someone's home, a temporary folder with a name in it, the folder that a build ran in.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}/-])/(?:root|home/[a-z][\w-]*|Users/[A-Za-z][\w-]*|work|tmp/[A-Za-z0-9_.-]{3,})(?:/[\w.-]+)+"
)
SUFFIXES = ".py .toml .md .yaml .yml .json .tpl .txt .html .css .ts .mts .js .mjs .vue .csv .sh .cfg .ini .svg"
TEXT = {"", *SUFFIXES.split()}


def machine_paths(text: str) -> list[str]:
    """Return every path of a machine that the text names."""
    return MACHINE_PATH.findall(text)


def repository_files() -> list[Path]:
    """Return the files that belong to the repository, those not yet committed included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: what belongs to the repository cannot be told from what was built")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_no_machine_paths() -> None:
    found = []
    for path in repository_files():
        if path.suffix not in TEXT or not path.is_file() or path == Path(__file__):
            continue
        found += [
            f"{path.relative_to(ROOT)}: {name}"
            for name in machine_paths(path.read_text(encoding="utf-8", errors="replace"))
        ]
    assert found == []


# Put together here, so that no path of a machine stands in the repository, not even as an example.
ROOT_HOME, WORD = "root", "work"


@pytest.mark.parametrize(
    "text",
    [
        "see " + f"/{ROOT_HOME}/project/x.py",
        '"/home/wang/guanxi/var"',
        "cd /home/li/main/tests",
        "open('/tmp/out/a.json')",
    ],
)
def test_a_machine_path_is_caught(text: str) -> None:
    assert machine_paths(text)


@pytest.mark.parametrize(
    "text",
    [
        "/var/lib/guanxi/files",
        "/tmp",
        "https://example.com/home/page/x",
        f"/api/v1/{WORD}/items",
        "/cache/npm",
    ],
)
def test_other_paths_pass(text: str) -> None:
    assert machine_paths(text) == []
