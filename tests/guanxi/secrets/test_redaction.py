"""Redaction: no secret in logs or in the audit."""

import logging

import pytest

from guanxi.secrets import RedactingFilter, redact, redact_text, seal


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ("key gx_live-1234567890 used", "gx_live-1234567890"),
        ("GET /cgi-bin/x?access_token=78_abc-def&x=1", "78_abc-def"),
        ("redis://:hunter2secret@127.0.0.1:6379/0", "hunter2secret"),
        ("postgresql://guanxi:hunter2secret@db/guanxi", "hunter2secret"),
        ("stripe sk_test_4eC39HqLyjWDarjtT1", "sk_test_4eC39HqLyjWDarjtT1"),
    ],
)
def test_text(text: str, secret: str) -> None:
    assert secret not in redact_text(text)


def test_ordinary_text_stays() -> None:
    text = "version v1.2.3 of http://example.com:8000/a?b=1 is ready, 13800000000"
    assert redact_text(text) == text


def test_nested_values() -> None:
    value = {"name": "茶", "password": "p", "items": [{"aes_key": "k", "note": "ok"}], "empty": {"token": ""}}
    assert redact(value) == {
        "name": "茶",
        "password": "***",
        "items": [{"aes_key": "***", "note": "ok"}],
        "empty": {"token": ""},
    }


def test_log_records(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("guanxi.test_redaction")
    gate = RedactingFilter()
    logger.addFilter(gate)
    try:
        token = seal("the secret", field="f", row="1")
        logger.warning("stored %s for %s", token, "channel 1")
    finally:
        logger.removeFilter(gate)
    assert caplog.messages == ["stored *** for channel 1"]
