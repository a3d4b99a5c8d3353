"""The configured tools seen to refuse: each gets one breach, judged with the project's own settings."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

BIN = Path(sys.executable).parent


def run(*command: str | Path, text: str | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool of the project's environment."""
    environ = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environ,
        input=text,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


RUFF = [
    ("crm/leads/services.py", "from django.utils import timezone\n\nAT = timezone.now()\n", "TID251"),
    ("crm/leads/services.py", "from datetime import UTC, datetime\n\nAT = datetime.now(UTC)\n", "TID251"),
    ("crm/leads/services.py", "from datetime import datetime\n\nAT = datetime(2026, 1, 1)\n", "DTZ001"),
    ("crm/leads/tasks.py", "from django.db import connection\n\nconnection.set_schema('acme')\n", "TID251"),
    (
        "crm/leads/tasks.py",
        "from django_tenants.utils import schema_context\n\nwith schema_context('a'):\n    pass\n",
        "TID251",
    ),
    ("crm/leads/apps.py", "from django.db.models.signals import post_save\n\nSIGNAL = post_save\n", "TID251"),
    ("crm/leads/api.py", "from asgiref.sync import sync_to_async\n\nF = sync_to_async(len)\n", "TID251"),
    ("crm/leads/api.py", "from . import services\n\nS = services\n", "TID252"),
    ("crm/leads/api.py", "import os\n", "F401"),
    ("crm/leads/api.py", "X = 1\nimport os\n\nY = os\n", "E402"),
    ("crm/leads/api.py", "import sys\nimport os\n\nX = (os, sys)\n", "I001"),
    ("crm/leads/api.py", "def f(x: list[int] = []) -> None: ...\n", "B006"),
    ("crm/leads/api.py", "PASSWORD = 'hunter2'\n", "S105"),
    ("crm/leads/api.py", "def f(s: str) -> object:\n    return eval(s)\n", "S307"),
    (
        "crm/leads/api.py",
        "def f(c: object, n: str) -> str:\n    return 'SELECT * FROM leads WHERE name = ' + n\n",
        "S608",
    ),
    ("crm/leads/api.py", "def camelCase() -> None: ...\n", "N802"),
    ("crm/leads/api.py", "print('here')\n", "T201"),
    ("crm/leads/api.py", "X = 1  # type: ignore\n", "PGH003"),
    ("crm/leads/api.py", "X = 1  # noqa\n", "PGH004"),
    ("crm/leads/api.py", f"X = '{'x' * 120}'\n", "E501"),
    ("crm/leads/api.py", "def f(x: int) -> int:\n" + "    if x:\n        x += 1\n" * 16 + "    return x\n", "C901"),
    (
        "tests/crm/test_x.py",
        "import pytest\n\n\n@pytest.mark.parametrize('a,b', [])\ndef test_x(a: int, b: int) -> None: ...\n",
        "PT006",
    ),
]


@pytest.mark.parametrize(
    ("name", "text", "code"), RUFF, ids=[f"{code}-{number}" for number, (_, _, code) in enumerate(RUFF)]
)
def test_ruff_refuses(name: str, text: str, code: str) -> None:
    done = run("ruff", "check", "--no-cache", "--output-format", "concise", "--stdin-filename", name, "-", text=text)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f" {code} " in done.stdout, done.stdout


RUFF_ALLOWS = [
    ("platform/guanxi/tenancy/raw.py", "from django.db import connection\n\nconnection.set_schema('acme')\n"),
    ("platform/guanxi/common/clock.py", "from django.utils import timezone\n\nAT = timezone.now()\n"),
    ("bots/retrieval/words.py", "STOP = '的，了'\n"),
    ("tests/crm/test_x.py", "def test_x() -> None:\n    assert True\n"),
]


@pytest.mark.parametrize(("name", "text"), RUFF_ALLOWS)
def test_ruff_allows(name: str, text: str) -> None:
    done = run("ruff", "check", "--no-cache", "--stdin-filename", name, "-", text=text)
    assert done.returncode == 0, done.stdout


MYPY = """\
from typing import Any

from tenants.workspaces.models import Workspace


def untyped(x):
    return x


def wrong() -> int:
    return "1"


def loose(x: list) -> None: ...


def bare() -> int:
    return "1"  # type: ignore


def field() -> int:
    return Workspace.objects.get(pk=1).slug


def missing() -> Any:
    return Workspace.objects.filter(no_such_field=1)
"""


@pytest.mark.slow
def test_mypy_refuses(tmp_path: Path) -> None:
    breach = tmp_path / "breach.py"
    breach.write_text(MYPY, encoding="utf-8")
    cache = ROOT / "var" / "mypy-breach"
    done = run("mypy", "--config-file", ROOT / "pyproject.toml", "--cache-dir", cache, breach)
    assert done.returncode == 1, done.stdout + done.stderr
    for code in ("no-untyped-def", "return-value", "type-arg", "ignore-without-code", "misc"):
        assert f"[{code}]" in done.stdout, done.stdout
    assert "Cannot resolve keyword 'no_such_field'" in done.stdout


def test_deptry_refuses(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "crm"
    package.mkdir()
    (package / "breach.py").write_text("import pytest\nimport no_such_library\n", encoding="utf-8")
    found = tmp_path / "found.json"
    done = run("deptry", ".", "--json-output", found, cwd=tmp_path)
    assert done.returncode == 1
    breaches = {(fault["error"]["code"], fault["module"]) for fault in json.loads(found.read_text(encoding="utf-8"))}
    assert {("DEP001", "no_such_library"), ("DEP004", "pytest"), ("DEP002", "icalendar")} <= breaches
