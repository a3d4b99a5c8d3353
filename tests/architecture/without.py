"""A pytest plugin that takes a package away before anything else is imported.

`GUANXI_WITHOUT=removed:stripe` makes the package impossible to import, as on a machine where it is not installed;
`GUANXI_WITHOUT=hollow:stripe` puts an empty shell in its place: every name in it exists, can be
called and subclassed, and does nothing. Several packages are separated by commas.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

VARIABLE = "GUANXI_WITHOUT"
MARK = "taken away for this test"


class _HollowMeta(type):
    """The class of a shell's classes: whatever is asked of them is a shell again."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return hollow(name)

    def __iter__(cls) -> Any:
        return iter(())


class Hollow(metaclass=_HollowMeta):
    """Takes everything, does nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take anything."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing."""
        return Hollow()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Hollow()


def hollow(name: str) -> type[Hollow]:
    """Return a class that does nothing; one that is called like an exception can be raised and caught."""
    bases: tuple[type, ...] = (Hollow,)
    if name.endswith(("Error", "Exception", "Warning")):
        bases = (Exception,)
    return _HollowMeta(name, bases, {}) if bases == (Hollow,) else type(name, bases, {})


class HollowModule(ModuleType):
    """A module in which every name is a shell."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        # The same name is the same shell, so that what is raised can be caught.
        return self.__dict__.setdefault(name, hollow(name))


class Absence(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands before every other finder and answers for the packages that are away."""

    def __init__(self, packages: frozenset[str], how: str) -> None:
        self.packages = packages
        self.how = how

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Refuse a package, or give its shell."""
        if fullname.partition(".")[0] not in self.packages:
            return None
        if self.how == "removed":
            raise ModuleNotFoundError(f"{fullname} was {MARK}", name=fullname)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Make the shell."""
        return HollowModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""


def take_away(wish: str) -> None:
    """Take packages away: `removed:name` or `hollow:name,name`."""
    how, _, names = wish.partition(":")
    packages = frozenset(filter(None, names.split(",")))
    if how not in {"removed", "hollow"} or not packages:
        raise ValueError(f"{VARIABLE} must be removed:PACKAGE or hollow:PACKAGE, not {wish!r}")
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]
    sys.meta_path.insert(0, Absence(packages, how))


if wish := os.environ.get(VARIABLE):
    take_away(wish)
