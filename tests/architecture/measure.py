"""Measures the shape of a code base: how long files and functions are, how branched, how typed, how documented."""

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.architecture.sources import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.Assert,
    ast.match_case,
)

# The bounds that the product holds; migrations and tests are not measured.
AT_MOST = {"file_p95": 450, "file_max": 800, "function_p95": 45, "function_max": 120, "complexity_p95": 8}
AT_LEAST = {"documented_percent": 90.0, "typed_percent": 98.0}


@dataclass
class Shape:
    """What was counted, with the place of each figure."""

    files: list[tuple[int, str]] = field(default_factory=list)
    functions: list[tuple[int, str]] = field(default_factory=list)
    complexity: list[tuple[int, str]] = field(default_factory=list)
    documented: int = 0
    typed: int = 0

    def figures(self) -> dict[str, float]:
        """Return the figures that are bounded."""
        return {
            "file_p95": percentile(self.files, 0.95),
            "file_max": percentile(self.files, 1),
            "function_p95": percentile(self.functions, 0.95),
            "function_max": percentile(self.functions, 1),
            "complexity_p95": percentile(self.complexity, 0.95),
            "documented_percent": percent(self.documented, len(self.files)),
            "typed_percent": percent(self.typed, len(self.functions)),
        }

    def faults(self) -> list[str]:
        """Return every bound that is broken, with the worst places."""
        figures = self.figures()
        found = [
            f"{name} is {figures[name]:g}, at most {bound}" for name, bound in AT_MOST.items() if figures[name] > bound
        ]
        found += [
            f"{name} is {figures[name]:g}, at least {bound:g}"
            for name, bound in AT_LEAST.items()
            if figures[name] < bound
        ]
        if found:
            for title, values in (("file", self.files), ("function", self.functions), ("branches", self.complexity)):
                found += [f"  {title}: {value} {place}" for value, place in sorted(values, reverse=True)[:5]]
        return found


def percentile(values: list[tuple[int, str]], share: float) -> int:
    """Return the nearest-rank percentile, 0 for no values."""
    ordered = sorted(value for value, _ in values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0


def percent(part: int, whole: int) -> float:
    """Return a share in percent; nothing at all counts as whole."""
    return 100 * part / whole if whole else 100.0


def measure(sources: Iterator[Source] | list[Source] | tuple[Source, ...]) -> Shape:
    """Measure the modules that hold anything."""
    shape = Shape()
    for source in sources:
        if not source.text.strip() or source.is_migration:
            continue
        shape.files.append((source.text.count("\n") + (not source.text.endswith("\n")), source.module))
        shape.documented += ast.get_docstring(source.tree, clean=False) is not None
        for function, in_class in functions(source.tree, in_class=False):
            place = f"{source.module}:{function.lineno} {function.name}"
            shape.functions.append(((function.end_lineno or function.lineno) - function.lineno + 1, place))
            shape.complexity.append((branches(function), place))
            shape.typed += is_typed(function, in_class)
    return shape


def functions(node: ast.AST, in_class: bool) -> Iterator[tuple[Function, bool]]:
    """Yield every function, nested ones too, and whether it is a method."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child, in_class
            yield from functions(child, in_class=False)
        else:
            yield from functions(child, in_class=isinstance(child, ast.ClassDef) or in_class)


def branches(function: Function) -> int:
    """Return one more than the ways that a function forks, without those of functions inside it."""
    total, waiting = 1, list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            continue
        total += isinstance(node, BRANCHES)
        if isinstance(node, ast.BoolOp):
            total += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            total += len(node.ifs)
        waiting.extend(ast.iter_child_nodes(node))
    return total


def is_typed(function: Function, in_class: bool) -> bool:
    """Return whether every argument but self and the result say what they are."""
    arguments = function.args.posonlyargs + function.args.args
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if in_class and not static:
        arguments = arguments[1:]
    arguments = arguments + function.args.kwonlyargs + [a for a in (function.args.vararg, function.args.kwarg) if a]
    told = function.returns is not None or function.name == "__init__"
    return told and all(argument.annotation is not None for argument in arguments)
