"""Which subdomains may be had, and that what is suggested instead may."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.workspaces.slugs import MAX_LENGTH, RESERVED, check_subdomain, is_reserved, is_well_formed, suggest
from tests.tenants.forms import base_client

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("longjing", ""),
        ("tea-2", ""),
        ("a", "format"),
        ("-tea", "format"),
        ("tea-", "format"),
        ("te--a", "format"),
        ("xn--fiqs8s", "format"),
        ("12345", "format"),
        ("te_a", "format"),
        ("te.a", "format"),
        ("t" * 33, "format"),
        ("теа", "format"),
        ("茶礼", "format"),
        ("admin", "reserved"),
        ("adm1n", "reserved"),
        ("adrnin", "reserved"),
        ("vvww", "reserved"),
        ("ad-min", "reserved"),
        ("guanxl", "reserved"),
        ("alpha", "taken"),
        ("ALPHA", "taken"),
        ("ａｌｐｈａ", "taken"),
    ],
)
def test_subdomain(slug: str, reason: str) -> None:
    answer = check_subdomain(slug)
    assert (answer.available, answer.reason) == (not reason, reason)
    assert bool(answer.suggestion) is bool(reason)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.sampled_from(sorted(RESERVED)) | st.just("alpha"))
def test_a_suggestion_may_always_be_had(text: str) -> None:
    slug = suggest(text)
    assert check_subdomain(slug).available, slug
    assert len(slug) <= MAX_LENGTH


def test_reserved_words_are_themselves_reserved() -> None:
    assert all(is_reserved(word) for word in RESERVED)
    assert not is_reserved("longjing")
    assert is_well_formed("longjing")


def test_chinese_company_gets_its_pinyin() -> None:
    answer = base_client().get("/api/base/v1/subdomains/杭州龙井茶业").json()
    assert answer["suggestion"] == "hangzhoulongjingchaye"
