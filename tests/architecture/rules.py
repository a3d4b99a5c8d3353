"""The rules that a syntax tree can show. Each takes one module and returns its breaches, in words."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.architecture.sources import APP_PACKAGES, PACKAGES, Source, product, top

Rule = Callable[[Source], list[str]]

# What one app may know of another.
PUBLIC_MODULES = {"services", "selectors", "types", "events", "permissions"}
# The shapes of the API are composed of each other; only where shapes are made.
SHAPES = "schemas"
# The ground that every app of the CRM is built on: base models and schemas, the registry of kinds, search, how
# Chinese is read, and who else works on a record.
PUBLIC_EXTRAS = {
    f"crm.records.{name}"
    for name in (
        "base",
        "bulk",
        "registry",
        "schemas",
        "search",
        "fields",
        "hooks",
        "visibility",
        "modes",
        "lists",
        "custom",
        "pinyin",
        "sharing",
    )
}
# Libraries inside bots and billing, without models: open like the kernel, private modules apart.
LIBRARIES = {"bots.llm", "bots.retrieval", "bots.evaluation", "billing.gateways"}
# Steps that services are made of, not services: they take (actor, record).
STEPS_OF_SERVICES = {"crm.records.services"}
# Of the kernel every module is open but these; the base models are the exception.
KERNEL_PRIVATE = {"models", "tasks", "subscribers", "api", "apps", "migrations", "management"}
KERNEL_EXTRAS = {"guanxi.common.models"}
# The top of the kernel puts everything together: it mounts the APIs and fills the demo.
COMPOSERS = {"guanxi.config"}


def only_public_names_of_others(source: Source) -> list[str]:
    """Of another app only services, selectors, types, events and permissions are imported; more only to name a type."""
    if source.is_migration or source.app in COMPOSERS:
        return []
    breaches = []
    for item in source.imports(for_types=False):
        parts = item.name.split(".")
        app = ".".join(parts[:2])
        if parts[0] not in PACKAGES or len(parts) < 3 or app == source.app:
            continue
        part = ".".join(parts[:3])
        if parts[0] == "guanxi" or app in LIBRARIES:
            hidden = parts[2] in KERNEL_PRIVATE and part not in KERNEL_EXTRAS
        else:
            hidden = parts[2] not in PUBLIC_MODULES and part not in PUBLIC_EXTRAS
            if parts[2] == SHAPES and source.parts[2:3] in {("schemas",), ("api",)}:
                hidden = False
        if hidden:
            breaches.append(f"{source.module}:{item.line} imports {part}, which is {app}'s own")
    return breaches


@dataclass(frozen=True)
class Fence:
    """A library and the only places that may import it."""

    library: str
    allowed: tuple[str, ...]

    def admits(self, source: Source) -> bool:
        """Return whether the module stands inside the fence."""
        for place in self.allowed:
            if place.startswith("*."):
                if place[2:] in source.parts[2:]:
                    return True
            elif source.module == place or source.module.startswith(f"{place}."):
                return True
        return False


FENCES = (
    Fence("ninja", ("*.schemas", "*.api", "*.base_api", "guanxi.http", "guanxi.config")),
    Fence("langchain", ("bots.llm",)),
    Fence("langchain_core", ("bots.llm",)),
    Fence("langchain_openai", ("bots.llm",)),
    Fence("openai", ("bots.llm",)),
    Fence("stripe", ("billing.gateways",)),
    Fence("wechatpy", ("bots.channels.wechat",)),
    Fence("tests", ()),
)


def libraries_behind_their_fence(source: Source) -> list[str]:
    """Ninja, LangChain, Stripe and wechatpy each have one place; the tests have none in the product."""
    return [
        f"{source.module}:{item.line} imports {fence.library}"
        for item in source.imports()
        for fence in FENCES
        if top(item.name) == fence.library and not fence.admits(source)
    ]


SCHEMA_SWITCHES = {"set_schema", "set_schema_to_public", "set_tenant", "schema_context", "tenant_context"}


def schema_only_by_the_tenancy(source: Source) -> list[str]:
    """Only guanxi.tenancy switches a connection to another schema."""
    if source.module.startswith("guanxi.tenancy"):
        return []
    breaches = []
    for node in ast.walk(source.tree):
        name = ""
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node, ast.alias):
            name = node.name.rpartition(".")[2]
        if name in SCHEMA_SWITCHES:
            breaches.append(f"{source.module}:{getattr(node, 'lineno', 0)} uses {name}")
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.search(r"\bset\s+(local\s+)?search_path\b", node.value, re.IGNORECASE)
        ):
            breaches.append(f"{source.module}:{node.lineno} sets search_path by hand")
    return breaches


WALL_CLOCK = re.compile(
    r"^(django\.utils\.)?timezone\.(now|localdate|localtime)$|^(datetime\.)?datetime\.(now|utcnow|today)$|^(datetime\.)?date\.today$|^localdate$"
)
CLOCK_KEEPERS = ("guanxi.common.clock", "guanxi.common.heartbeat")


def time_from_the_clock(source: Source) -> list[str]:
    """Time comes from the project's clock, so that the demo and the tests can move it."""
    if source.module in CLOCK_KEEPERS or source.is_migration:
        return []
    return [
        f"{source.module}:{node.lineno} asks {ast.unparse(node)}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and isinstance(node.ctx, ast.Load)
        and WALL_CLOCK.match(ast.unparse(node))
    ]


def no_signals(source: Source) -> list[str]:
    """What happens on a change is written in the service, not hung on a model's signal."""
    banned = ("django.db.models.signals", "django.dispatch", "django.core.signals", "django.contrib.auth.signals")
    return [
        f"{source.module}:{item.line} imports {item.name}"
        for item in source.imports()
        if any(item.name == name or item.name.startswith(f"{name}.") for name in banned)
    ]


def no_logic_in_save(source: Source) -> list[str]:
    """Models store: they override neither save() nor delete()."""
    if "models" not in source.parts and source.module not in PUBLIC_EXTRAS | KERNEL_EXTRAS:
        return []
    return [
        f"{source.module}:{method.lineno} {node.name} overrides {method.name}()"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        and method.name in {"save", "delete", "full_clean", "clean"}
    ]


def services_face(source: Source) -> set[str] | None:
    """Return what a package of services shows to others, None when the module itself is the face."""
    if len(source.parts) < 4:
        return None
    name = ".".join(source.parts[:3])
    package = next((other for other in product() if other.module == name and other.is_package), None)
    return {item.name.rpartition(".")[2] for item in package.imports()} if package else None


def services_take_keywords(source: Source) -> list[str]:
    """A service, which is known by its actor, is called with names, the actor first.

    Event handlers and timers take what they are called with.
    """
    if top(source.module) not in APP_PACKAGES or len(source.parts) < 3 or source.parts[2] != "services":
        return []
    breaches = []
    face = services_face(source)
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.decorator_list:
            continue
        if face is not None and node.name not in face:
            continue
        named = [argument.arg for argument in node.args.kwonlyargs]
        if "actor" not in {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}:
            continue
        by_position = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
        if source.module in STEPS_OF_SERVICES:
            named, by_position = by_position + named, []
        if by_position:
            breaches.append(f"{source.module}:{node.lineno} {node.name}() takes arguments by position")
        elif named[0] != "actor":
            breaches.append(f"{source.module}:{node.lineno} {node.name}() does not begin with the actor")
    return breaches


def keys_to_others_by_string(source: Source) -> list[str]:
    """A key to another app names it by string and leaves no name on the other side."""
    if source.is_migration or "models" not in source.parts:
        return []
    breaches = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr not in {"ForeignKey", "OneToOneField", "ManyToManyField"} or not node.args:
            continue
        target = node.args[0]
        if not (isinstance(target, ast.Constant) and isinstance(target.value, str) and "." in target.value):
            continue
        related = next((word.value for word in node.keywords if word.arg == "related_name"), None)
        label = target.value.partition(".")[0]
        if label != source.parts[1] and not (isinstance(related, ast.Constant) and related.value == "+"):
            breaches.append(f"{source.module}:{node.lineno} key to {target.value} without related_name='+'")
    return breaches


# Where words of a language are the matter itself: lexicons and extractors, headings of spreadsheets, the demo's data.
# So are an app's `defaults`: the names that a new workspace begins with and then changes.
WORDED_PLACES = (
    "bots.retrieval",
    "bots.assistant.extraction",
    "bots.assistant.guard",
    "bots.channels.wechat.words",
    "crm.knowledge.sheets",
    "crm.duplicates.matching",
    "bots.evaluation",
    "guanxi.config.demo",
    "guanxi.config.devstack",
)
# What the assistant listens for are words of up to four signs; what it says would be longer.
LISTENING = "bots.assistant"
LONGEST_WORD = 4
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def no_words_for_people(source: Source) -> list[str]:
    """Text that a person reads is not in Python: no Chinese outside lexicons and demo data, comments aside."""
    if any(source.module == place or source.module.startswith(f"{place}.") for place in WORDED_PLACES):
        return []
    if source.parts[-1] == "defaults":
        return []
    documentation = {id(node) for node in _docstrings(source.tree)}
    longest = LONGEST_WORD if source.app == LISTENING else 0
    return [
        f"{source.module}:{node.lineno} says {node.value[:20]!r}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and HAN.search(node.value)
        and len(node.value) > longest
        and id(node) not in documentation
    ]


def _docstrings(tree: ast.Module) -> list[ast.Constant]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.append(first.value)
    return found


RULES: tuple[Rule, ...] = (
    only_public_names_of_others,
    libraries_behind_their_fence,
    schema_only_by_the_tenancy,
    time_from_the_clock,
    no_signals,
    no_logic_in_save,
    services_take_keywords,
    keys_to_others_by_string,
    no_words_for_people,
)
