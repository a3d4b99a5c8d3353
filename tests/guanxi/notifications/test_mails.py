"""Mails: in the reader's language, sealed while they wait, and not lost while the mail server is away."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.template.exceptions import TemplateDoesNotExist
from pytest_django import Settings

from guanxi.common import clock
from guanxi.notifications import send_mail
from guanxi.notifications.mails import MAIL, deliver, render_mail
from guanxi.notifications.tasks import deliver_mail
from guanxi.tenancy import TenantRef, public_scope, tenant_scope
from guanxi.timers import run_due
from guanxi.timers.models import Due
from guanxi.timers.services import MAX_ATTEMPTS

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
fault: list[Exception] = []


class Moody(EmailBackend):
    """Takes mails, unless a fault is set."""

    def send_messages(self, messages: Any) -> int:
        if fault:
            raise fault[0]
        return int(super().send_messages(messages))


@pytest.fixture(autouse=True)
def letters(alpha: TenantRef, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "greeting.zh-CN.txt").write_text(
        "{{ company }} 邀请您\n\n您好 {{ name }}：\n\n{{ url }}\n\n第二行\n{{ url }} 在句中"
    )
    (folder / "greeting.en.txt").write_text("{{ company }}\n invites you\n\nHello {{ name }},\n\n{{ url }}")
    (folder / "own.en.txt").write_text("Own\ntext")
    (folder / "own.en.html").write_text("<p>own {{ name }}</p>")
    engine = {**django_settings.TEMPLATES[0], "DIRS": [tmp_path]}
    settings.TEMPLATES = [engine]
    settings.EMAIL_BACKEND = f"{__name__}.Moody"
    fault.clear()
    Due.objects.all().delete()
    with clock.at(NOON):
        yield


VALUES = {"company": "茶 & 礼 <b>", "name": "王芳", "url": "https://acme.example.com/i?a=1&b=2"}


def write(**more: Any) -> None:
    send_mail("greeting", to="m@example.com", locale="zh-CN", context=VALUES, **more)


def kept() -> Due:
    return Due.objects.get(kind=MAIL)


def test_subject_text_and_page() -> None:
    subject, text, html = render_mail(["greeting"], locale="zh-CN", context=VALUES)
    assert subject == "茶 & 礼 <b> 邀请您"
    assert text.startswith("您好 王芳：") and VALUES["url"] in text
    assert "&lt;b&gt;" in html and "<b>" not in html, "what people typed is escaped on the page, and only there"
    assert '<a href="https://acme.example.com/i?a=1&amp;b=2" style=' in html and "打开" in html


@pytest.mark.parametrize(
    ("locale", "begins"), [("zh-CN", "您好"), ("zh-TW", "您好"), ("en", "Hello"), ("en-GB", "Hello"), ("fr", "Hello")]
)
def test_the_nearest_language(locale: str, begins: str) -> None:
    _, text, _ = render_mail(["greeting"], locale=locale, context=VALUES)
    assert begins in text


def test_the_first_template_that_is_there_and_its_own_page() -> None:
    assert render_mail(["missing", "own"], locale="zh-CN", context={"name": "<i>"}) == (
        "Own",
        "text\n",
        "<p>own &lt;i&gt;</p>",
    )
    with pytest.raises(TemplateDoesNotExist):
        render_mail(["missing"], locale="en", context={})


def test_it_waits_sealed_and_is_gone_when_sent(alpha: TenantRef) -> None:
    write()
    due = kept()
    assert "王芳" not in str(due.payload) and "example.com" not in str(due.payload)
    deliver_mail(due.ref_id)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["m@example.com"], "茶 & 礼 <b> 邀请您")
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert isinstance(message, mail.EmailMultiAlternatives) and message.alternatives[0][1] == "text/html"
    assert not Due.objects.filter(kind=MAIL).exists()
    assert deliver(due.ref_id) and len(mail.outbox) == 1, "a task that comes twice sends once"


def test_a_mail_falls_with_its_transaction(alpha: TenantRef) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write()
        raise ZeroDivisionError
    assert not Due.objects.filter(kind=MAIL).exists()


def test_while_the_mail_server_is_away_it_waits_and_at_last_says_so(alpha: TenantRef) -> None:
    write()
    due = kept()
    fault.append(ConnectionRefusedError())
    moment = NOON
    for attempt in range(1, MAX_ATTEMPTS):
        with clock.at(moment):
            assert not deliver(due.ref_id)
        due = kept()
        assert due.attempts == attempt and due.at > moment
        moment = due.at
        with clock.at(moment):
            assert run_due() == 1
        assert kept().attempts == attempt, "handing it over again is no try"
    with clock.at(moment):
        deliver(due.ref_id)
    assert kept().state == Due.State.DEAD and mail.outbox == []


def test_back_again_it_goes_out(alpha: TenantRef) -> None:
    write()
    fault.append(smtplib.SMTPServerDisconnected())
    assert not deliver(kept().ref_id)
    fault.clear()
    assert deliver(kept().ref_id) and len(mail.outbox) == 1


@pytest.mark.parametrize(("code", "stays"), [(550, False), (450, True)])
def test_a_refused_recipient(alpha: TenantRef, code: int, stays: bool) -> None:
    write()
    fault.append(smtplib.SMTPRecipientsRefused({"m@example.com": (code, b"no")}))
    deliver(kept().ref_id)
    assert Due.objects.filter(kind=MAIL).exists() is stays


def test_not_before_its_time(alpha: TenantRef) -> None:
    write(not_before=NOON + timedelta(hours=8))
    assert kept().at == NOON + timedelta(hours=8) and run_due() == 0


def test_from_the_base_site_and_not_for_another_tenant(alpha: TenantRef, beta: TenantRef) -> None:
    with public_scope():
        write()
        ref_id = kept().ref_id
    assert deliver(ref_id) and mail.outbox == [], "not this tenant's"
    with tenant_scope(beta):
        assert deliver(ref_id) and mail.outbox == []
    with public_scope():
        assert deliver(ref_id)
    assert len(mail.outbox) == 1
