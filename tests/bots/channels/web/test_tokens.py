"""Tokens of visitors and of their files."""

from datetime import timedelta

import pytest
from django.core import signing

from bots.channels.web.tokens import (
    FILE_SALT,
    SALT,
    issue_file_token,
    issue_token,
    new_visitor,
    read_file_token,
    read_token,
)
from guanxi.common import clock

KEY = "gxw_abcdefgh12345678"


def test_a_token_brings_its_visitor_back() -> None:
    """Key, id and first touch travel in it."""
    visitor = new_visitor(KEY, {"utm_source": "baidu"})
    assert read_token(issue_token(visitor)) == visitor
    assert new_visitor(KEY, {}).id != new_visitor(KEY, {}).id


def test_nothing_else_is_a_token() -> None:
    """Forged, cut, of another purpose, or of another shape: nobody."""
    token = issue_token(new_visitor(KEY, {}))
    foreign = [
        "",
        "x",
        "a:b:c",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[3:],
        issue_file_token(new_visitor(KEY, {}), 1),
        signing.dumps({"k": KEY, "v": "x"}, salt="other"),
        signing.dumps(["k", "v"], salt=SALT),
        signing.dumps({"k": "gx_other_kind", "v": "x"}, salt=SALT),
        signing.dumps({"k": KEY, "v": ""}, salt=SALT),
        "\ud800",
    ]
    assert [read_token(each) for each in foreign] == [None] * len(foreign)


def test_a_token_of_another_secret_is_worth_nothing(settings: object) -> None:
    """Whoever does not know the platform's secret cannot be a visitor."""
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    forged = issue_token(new_visitor(KEY, {}))
    settings.SECRET_KEY = "this one"  # type: ignore[attr-defined]
    assert read_token(forged) is None


def test_a_file_token_names_one_file_of_one_visitor() -> None:
    """It is neither a visitor's token nor another file's."""
    visitor = new_visitor(KEY, {})
    named = read_file_token(issue_file_token(visitor, 7))
    assert named is not None
    assert (named[0].key, named[0].id, named[1]) == (KEY, visitor.id, 7)
    assert read_file_token(issue_token(visitor)) is None
    assert read_file_token(signing.dumps({"k": KEY, "v": "x", "i": "7"}, salt=FILE_SALT)) is None


@pytest.mark.parametrize(("days", "known"), [(364, True), (366, False)])
def test_a_visitor_is_known_for_a_year(days: int, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each visit renews the token, so only a year's silence ends it."""
    token = issue_token(new_visitor(KEY, {}))
    later = (clock.now() + timedelta(days=days)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert (read_token(token) is not None) is known
