"""The page has words for every code that the API answers with, in both languages."""

import pytest

from tests.architecture import words
from tests.architecture.sources import ROOT, Source, product

CATALOGS = ROOT / "frontend" / "packages" / "i18n" / "src" / "catalogs"
LOCALES = ("zh-CN", "en")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_code_has_words(locale: str) -> None:
    codes = words.raised_codes(product())
    assert {"not_found", "version_conflict", "rate_limited"} <= set(codes)
    assert words.without_words(codes, words.catalog(CATALOGS, locale)) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_field_code_has_words(locale: str) -> None:
    catalog = words.catalog(CATALOGS, locale)
    assert words.without_words(words.field_codes(product()), {**catalog, **catalog.get("fields", {})}) == []


def test_both_languages_say_the_same_things() -> None:
    chinese, english = (words.catalog(CATALOGS, locale) for locale in LOCALES)
    assert set(chinese) == set(english)
    assert set(chinese.get("fields", {})) == set(english.get("fields", {}))


MADE_UP = Source(
    "crm.leads.services",
    'class Gone(Problem):\n    def __init__(self, x: int) -> None:\n        super().__init__("lead.gone", status=410)\n'
    'raise Invalid("phone_invalid", "No.", fields={"phone": "not_a_phone"})\n'
    'raise errors.Conflict(code="lead.converted", detail="No.")\n'
    'log("not_a_code")\n',
)


def test_codes_are_found() -> None:
    assert words.raised_codes([MADE_UP]) == {
        "lead.gone": "crm.leads.services:3",
        "phone_invalid": "crm.leads.services:4",
        "lead.converted": "crm.leads.services:5",
    }
    assert words.field_codes([MADE_UP]) == {"not_a_phone": "crm.leads.services:4"}


def test_a_code_without_words_is_caught() -> None:
    codes = {"lead.gone": "here:1", "phone_invalid": "here:2"}
    assert words.without_words(codes, {"phone_invalid": "Not a phone number."}) == ["lead.gone (here:1)"]
    assert words.without_words(codes, {"phone_invalid": " ", "lead_gone": "Gone."}) == ["phone_invalid (here:2)"]
