"""The wheel that hatchling builds holds every module and data file of the product, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.helm.tools import ROOT

PACKAGES = {
    "guanxi": ROOT / "platform" / "guanxi",
    **{name: ROOT / name for name in ("tenants", "crm", "bots", "billing")},
}
LEFT_OUT = {"__pycache__"}


def product_files() -> set[str]:
    """Return the names that the packages' files must have inside the wheel."""
    folders = [str(folder) for folder in PACKAGES.values()]
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *folders]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [file for folder in PACKAGES.values() for file in folder.rglob("*")]
    names = set()
    for file in files:
        if not file.is_file() or LEFT_OUT & set(file.parts) or file.suffix == ".pyc":
            continue
        relative = file.relative_to(ROOT)
        names.add(Path(*relative.parts[1:]).as_posix() if relative.parts[0] == "platform" else relative.as_posix())
    return names


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build the wheel with the installed hatchling, offline, and return the names in it."""
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)],
        cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = out.glob("guanxi-*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
    shutil.rmtree(out)
    return names


def test_holds_every_file_of_the_packages(wheel_names: set[str]) -> None:
    assert product_files() - wheel_names == set()


def test_holds_nothing_else(wheel_names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel_names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert not [
        name for name in wheel_names if "tests" in Path(name).parts or name.endswith(".pyc") or "__pycache__" in name
    ]


def test_declares_the_command(wheel_names: set[str]) -> None:
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel_names)
