"""The contracts between packages, by import-linter: kept by the product, and broken by each kind of upward import."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import PACKAGES, ROOT, module_name

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["id"]: contract for contract in CONFIG["contracts"]}


def lint(folder: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the project's contracts over the packages under `folder`."""
    environ = {**os.environ, "PYTHONPATH": f"{folder / 'platform'}{os.pathsep}{folder}", "PYTHONSAFEPATH": "1"}
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(ROOT / "pyproject.toml"), "--no-cache", *chosen],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def parts_of(package: str) -> set[str]:
    """Return the sub-packages of a package, those that hold at least one module."""
    return {folder.name for folder in PACKAGES[package].iterdir() if folder.is_dir() and any(folder.glob("*.py"))}


def named(contract: str) -> set[str]:
    """Return every name in a contract's layers."""
    layers = " | ".join(CONTRACTS[contract]["layers"])
    return {name.strip().strip("()") for name in layers.replace(":", "|").split("|")}


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """The product's packages with nothing in them but their names."""
    for folder in PACKAGES.values():
        for init in folder.rglob("__init__.py"):
            target = tmp_path / init.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
    return tmp_path


def test_the_product_keeps_every_contract() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_the_skeleton_keeps_every_contract(skeleton: Path) -> None:
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout + done.stderr


UPWARD = [
    ("packages", "crm.leads", "bots.assistant"),
    ("packages", "crm.leads", "billing.plans"),
    ("packages", "billing.plans", "crm.leads"),
    ("packages", "tenants.members", "crm.records"),
    ("packages", "guanxi.events", "tenants.members"),
    ("packages", "bots.llm", "guanxi.config"),
    ("packages", "guanxi.common", "guanxi.access"),
    ("kernel", "guanxi.events", "guanxi.notifications"),
    ("kernel", "guanxi.tenancy", "guanxi.events"),
    ("kernel", "guanxi.access", "guanxi.secrets"),
    ("kernel", "guanxi.http", "guanxi.audit"),
    ("tenants", "tenants.workspaces", "tenants.members"),
    ("crm", "crm.customers", "crm.leads"),
    ("crm", "crm.records", "crm.activities"),
    ("crm", "crm.knowledge", "crm.outreach"),
    ("bots", "bots.llm", "bots.retrieval"),
    ("bots", "bots.assistant", "bots.channels"),
    ("channels", "bots.channels", "bots.retrieval"),
    ("billing", "billing.plans", "billing.subscriptions"),
]


@pytest.mark.parametrize(("contract", "importer", "imported"), UPWARD)
def test_an_upward_import_breaks_its_contract(skeleton: Path, contract: str, importer: str, imported: str) -> None:
    folder = PACKAGES[importer.partition(".")[0]].parent.relative_to(ROOT)
    breach = skeleton / folder / importer.replace(".", "/") / "breach.py"
    breach.write_text(f"def late() -> None:\n    import {imported}\n", encoding="utf-8")
    done = lint(skeleton, contract)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{importer}.breach -> {imported} (l.2)" in done.stdout


@pytest.mark.parametrize("package", list(PACKAGES))
def test_a_new_part_must_be_given_its_place(skeleton: Path, package: str) -> None:
    part = skeleton / PACKAGES[package].relative_to(ROOT) / "novelty"
    part.mkdir()
    (part / "__init__.py").touch()
    done = lint(skeleton, "kernel" if package == "guanxi" else package)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{package}.novelty" in done.stdout


def test_the_kernels_list_is_its_folders() -> None:
    built = parts_of("guanxi")
    assert built <= named("kernel")
    optional = {name.strip("()") for name in CONTRACTS["kernel"]["layers"] if name.startswith("(")}
    assert named("kernel") - built <= optional
    between = {name.removeprefix("guanxi.") for name in named("packages") if name.startswith("guanxi.")}
    assert between == named("kernel")


def test_every_contract_has_been_seen_to_break() -> None:
    assert {contract for contract, _, _ in UPWARD} == set(CONTRACTS)


def test_names_of_files() -> None:
    assert module_name(ROOT / "platform" / "guanxi" / "events" / "__init__.py") == "guanxi.events"
    assert module_name(ROOT / "crm" / "leads" / "models.py") == "crm.leads.models"
