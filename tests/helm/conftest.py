"""Fixtures of the deployment tests."""

from pathlib import Path

import pytest

from tests.helm.tools import ROOT, Helm, unpack_helm


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """The real helm, with an empty home."""
    return Helm(unpack_helm(ROOT / "var" / "tools"), tmp_path_factory.mktemp("helm-home"))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty folder to build in."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder
