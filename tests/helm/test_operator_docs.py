"""The operators' documents tell the truth: every variable and value is in them, and what they show works."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from guanxi.common.heartbeat import FOLDER_VARIABLE
from tests.helm import policy
from tests.helm.tools import CHART, ROOT, Helm, values_file

DOCS = ROOT / "docs" / "operators"
LANGUAGES = ("en", "zh")
PAGES = ("install", "configuration", "upgrade", "backup")
VARIABLE = re.compile(r"`([A-Z][A-Z0-9_]{4,})`")


def page(language: str, name: str) -> str:
    """Return the text of a page."""
    return (DOCS / language / f"{name}.md").read_text(encoding="utf-8")


def variables_read() -> set[str]:
    """Return every variable that the product asks its environment for."""
    tree = ast.parse((ROOT / "platform" / "guanxi" / "config" / "env.py").read_text(encoding="utf-8"))
    return {FOLDER_VARIABLE} | {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "get"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def section(text: str, number: int) -> str:
    """Return the text of a page's second-level section, counted from one."""
    return re.split(r"^## ", text, flags=re.MULTILINE)[number]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_holds_every_variable_and_no_other(language: str) -> None:
    assert set(VARIABLE.findall(section(page(language, "configuration"), 1))) == variables_read()


@pytest.mark.parametrize("row", ["minimal", "production", "external-database"])
def test_the_chart_sets_only_what_the_product_reads(helm: Helm, row: str) -> None:
    known = variables_read() | {"HOME"}
    for name, _, container in policy.containers(helm.render(values_file(row))):
        assert {variable["name"] for variable in container["env"]} <= known, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_group_of_values_is_explained(language: str) -> None:
    groups = set(yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")))
    named = set(re.findall(r"`([a-zA-Z]+)`", section(page(language, "configuration"), 2)))
    assert groups - named == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_values_that_are_shown_render(helm: Helm, language: str, tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", page(language, "install"), flags=re.DOTALL)
    values = tmp_path / "values.yaml"
    values.write_text(shown, encoding="utf-8")
    manifests = helm.render(values)
    names = {f"{manifest['kind'].lower()}/{manifest['metadata']['name']}" for manifest in manifests}
    for text in (page(language, name) for name in PAGES):
        assert set(re.findall(r"\b(?:deployment|job)/guanxi-[a-z]+", text)) <= names
    secrets = set(re.findall(r"create secret generic ([a-z-]+)", page(language, "install")))
    used = {
        variable["valueFrom"]["secretKeyRef"]["name"]
        for _, _, container in policy.containers(manifests)
        for variable in container["env"]
        if "valueFrom" in variable
    }
    assert used == secrets


def test_the_schema_knows_every_value_and_the_values_every_property() -> None:
    schema = yaml.safe_load((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    assert set(values) == set(schema["properties"]) - {"global"}
    for group, content in values.items():
        known = schema["properties"][group].get("properties")
        if isinstance(content, dict) and known:
            assert set(content) == set(known), group


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_shape(name: str) -> None:
    shapes = []
    for language in LANGUAGES:
        text = page(language, name)
        shapes.append(
            (
                len(re.findall(r"^#+ ", text, re.MULTILINE)),
                text.count("```"),
                len(re.findall(r"^\|", text, re.MULTILINE)),
            )
        )
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_somewhere(language: str) -> None:
    for name in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page(language, name)):
            assert (DOCS / language / target).is_file(), f"{name}: {target}"
