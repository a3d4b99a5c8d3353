"""The image's recipe: held by our own lint, which is itself seen to catch each breach."""

import re

import pytest

from tests.helm.dockerfile import lint, parse
from tests.helm.tools import ROOT

RECIPE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

BREACHES = [
    ("ARG PYTHON_VERSION=3.11.13", "ARG PYTHON_VERSION=3", "not pinned"),
    ("FROM node:${NODE_VERSION}-bookworm-slim AS pages", "FROM node:latest AS pages", "not pinned"),
    ("USER 10001:10001", "", "runs as root"),
    ("USER 10001:10001", "USER guanxi", "is a name"),
    ("USER 10001:10001", "USER 0", "system user"),
    ("EXPOSE 8000", "ENV DJANGO_SECRET_KEY=hunter2", "would stay in the image"),
    ("EXPOSE 8000", "ARG NPM_TOKEN", "would stay in the image"),
    ("EXPOSE 8000", "RUN DJANGO_SECRET_KEY=x guanxi manage check", "would stay in the history"),
    ("EXPOSE 8000", "ENV DATABASE_URL=postgresql://guanxi:guanxi@db/guanxi", "password in a URL"),
    ('CMD ["daphne"', "CMD daphne #", "swallows SIGTERM"),
    (" --no-install-recommends", "", "recommended packages"),
    ("    && rm -rf /var/lib/apt/lists/* \\\n", "", "package lists stay"),
    ('"uv==${UV_VERSION}"', "uv", "without a version"),
    (" --frozen", "", "--frozen"),
    (" --no-dev", "", "--no-dev"),
    ("COPY crm/ crm/", "COPY . .", "whole context"),
    ("COPY crm/ crm/", "COPY tests/ tests/", "copies tests/"),
    ("COPY crm/ crm/", "ADD crm/ crm/", "use COPY"),
    ("EXPOSE 8000", "RUN curl https://example.com/install | sh", "straight from the network"),
]


def test_the_recipe_is_clean() -> None:
    assert lint(RECIPE) == []


@pytest.mark.parametrize(
    ("old", "new", "words"), BREACHES, ids=[f"{words}-{number}" for number, (_, _, words) in enumerate(BREACHES)]
)
def test_the_lint_catches(old: str, new: str, words: str) -> None:
    assert old in RECIPE, "the breach no longer fits the recipe"
    breaches = lint(RECIPE.replace(old, new))
    assert any(words in breach for breach in breaches), breaches


def test_a_single_stage_is_caught() -> None:
    breaches = lint('FROM python:3.11.13-slim\nUSER 10001\nCMD ["guanxi"]\n')
    assert breaches == ["the image is built in one stage, so that it carries its compilers"]


def test_only_the_product_enters_the_builder() -> None:
    rules = [line for line in IGNORED if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert let_in == {
        "pyproject.toml",
        "uv.lock",
        "README.md",
        "platform",
        "tenants",
        "crm",
        "bots",
        "billing",
        "frontend",
    }
    assert {"**/node_modules", "**/dist", "**/__pycache__", "**/.env*"} <= set(rules)


def test_every_package_of_the_product_is_copied() -> None:
    copied = {match[1] for i in parse(RECIPE) if i.name == "COPY" and (match := re.match(r"(\w+)/ \1/$", i.text))}
    assert copied == {"platform", "tenants", "crm", "bots", "billing"}
