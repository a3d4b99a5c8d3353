"""The product's modules as text and syntax trees, and the checks' common view of names and imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "guanxi": ROOT / "platform" / "guanxi",
    **{name: ROOT / name for name in ("tenants", "crm", "bots", "billing")},
}
# In these an app is a sub-package; in the kernel each sub-package is a part of its own.
APP_PACKAGES = ("tenants", "crm", "bots", "billing")


@dataclass(frozen=True)
class Import:
    """One imported name, absolute: `from a.b import c` gives `a.b.c` with the module `a.b`."""

    line: int
    name: str
    module: str


@dataclass(frozen=True)
class Source:
    """One module: its dotted name and its text. Made from a file, or from a string to see a rule fail."""

    module: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree."""
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the dotted name in parts."""
        return tuple(self.module.split("."))

    @property
    def app(self) -> str:
        """Return the app or kernel part that the module belongs to, such as `crm.leads` or `guanxi.events`."""
        return ".".join(self.parts[:2])

    @property
    def is_migration(self) -> bool:
        """Return whether this is a migration."""
        return "migrations" in self.parts

    def imports(self, *, for_types: bool = True) -> Iterator[Import]:
        """Yield everything that the module imports, wherever in it; what only types need may be left out."""
        package = self.parts if self.is_package else self.parts[:-1]
        left_out = set() if for_types else self._typing_only()
        for node in ast.walk(self.tree):
            if node in left_out:
                continue
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(node.lineno, alias.name, alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    base = ".".join(
                        [*package[: len(package) - node.level + 1], *([node.module] if node.module else [])]
                    )
                for alias in node.names:
                    yield Import(node.lineno, f"{base}.{alias.name}", base)

    def _typing_only(self) -> set[ast.AST]:
        return {
            inside
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
            for statement in node.body
            for inside in ast.walk(statement)
        }


def module_name(path: Path) -> str:
    """Return the dotted name of a product file."""
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    parts = parts[1:] if parts[0] == "platform" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def product() -> tuple[Source, ...]:
    """Return every module of the product."""
    return tuple(
        Source(module_name(path), path.read_text(encoding="utf-8"), is_package=path.name == "__init__.py")
        for folder in PACKAGES.values()
        for path in sorted(folder.rglob("*.py"))
        if "__pycache__" not in path.parts
    )


@cache
def modules() -> frozenset[str]:
    """Return the names of the product's modules and packages."""
    return frozenset(source.module for source in product())


def top(name: str) -> str:
    """Return the first part of a dotted name."""
    return name.partition(".")[0]
