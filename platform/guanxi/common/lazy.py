"""Lets a package export names from its submodules without importing them before Django's apps are ready."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a module-level `__getattr__` (PEP 562) that takes each name of `modules` from the submodule it stands
    for.
    """

    def get(name: str) -> Any:
        module = modules.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{module}"), name)

    return get


class LazyModule:
    """Stands for a module that costs much and that most processes never need; its first attribute imports it.

    Import's own lock makes that safe in threads.

    Written beside the real import, which type checkers and the fences between packages read:

        if TYPE_CHECKING:
            import stripe
        else:
            stripe = LazyModule("stripe")
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
