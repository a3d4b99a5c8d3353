"""Keys between apps: downwards only, and with no name on the other side."""

import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import Model

from tests.architecture.sources import PACKAGES, ROOT, top


@cache
def ranks() -> dict[str, int]:
    """Return how high each app stands, by the contracts between and inside the packages; equals stand beside."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = {contract["id"]: [names(layer) for layer in contract.get("layers", [])] for contract in contracts}
    found: dict[str, int] = {}
    height = 0
    for layer in reversed(layers["packages"]):
        highest = height
        for name in layer:
            inside = layers.get(name)
            if inside is None:
                found[name], highest = height, max(highest, height + 1)
                continue
            for step, parts in enumerate(reversed(inside)):
                found.update({f"{name}.{part}": height + step for part in parts})
            highest = max(highest, height + len(inside))
        height = highest
    return found


def names(layer: str) -> list[str]:
    """Return the names in one line of a contract."""
    return [name.strip().strip("()") for name in layer.replace(":", "|").split("|")]


def app_of(model: type[Model]) -> str:
    """Return the app that a model belongs to, empty when it is not one of ours."""
    parts = model.__module__.split(".")
    return ".".join(parts[:2]) if parts[0] in PACKAGES else ""


def breaches(models: Iterable[type[Model]]) -> list[str]:
    """Return every key that points upwards or sideways, or that names itself on another app's model."""
    found = []
    for model in models:
        own = app_of(model)
        if not own:
            continue
        for field in model._meta.get_fields():
            if not field.is_relation or field.auto_created or not field.concrete:
                continue
            found += _faults(model, own, field)
    return found


def _faults(model: type[Model], own: str, field: Any) -> list[str]:
    target = field.related_model
    other = app_of(target) if target is not None else ""
    if other in {"", own}:
        return []
    place = f"{own} {model.__name__}.{field.name} → {other} {target.__name__}"
    faults = []
    if own.startswith("guanxi."):
        faults.append(f"{place}: the kernel stores plain ids")
    elif ranks()[own] <= ranks()[other] or {top(own), top(other)} == {"crm", "billing"}:
        faults.append(f"{place}: points upwards or sideways")
    if not field.remote_field.hidden:
        faults.append(f"{place}: leaves a name on the other side")
    return faults
