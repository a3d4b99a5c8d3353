"""Mails that arrive by SMTP stand in the list, readable and harmless."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from tests.fakes.mail import FakeMail
from tests.fakes.mail.mailbox import Mail, Mailbox


@pytest.fixture
def box() -> Iterator[FakeMail]:
    with FakeMail() as fake:
        yield fake


def send(port: int, to: str, subject: str, text: str, html: str = "") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "关系 <no-reply@guanxi.test>", to, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(message)


def test_a_mail_is_listed_with_both_its_bodies_and_its_links(box: FakeMail) -> None:
    send(
        box.smtp_port, "li@acme.test", "欢迎使用 关系", "请打开 http://acme.localhost/verify?k=1&b=2 。", "<p>你好</p>"
    )
    mail = box.wait_for("li@acme.test")
    assert mail.subject == "欢迎使用 关系"
    assert mail.links == ["http://acme.localhost/verify?k=1&b=2"]
    listed = requests.get(f"{box.url}/_control/mail", params={"to": "li@acme.test"}, timeout=5).json()
    assert [each["links"] for each in listed] == [mail.links]
    assert "<p>你好</p>" in listed[0]["html"]
    assert requests.get(f"{box.url}/_control/mail", params={"to": "other@acme.test"}, timeout=5).json() == []


def test_a_mails_script_cannot_run(box: FakeMail) -> None:
    send(box.smtp_port, "li@acme.test", "x", "x", "<script>alert(1)</script>")
    answer = requests.get(f"{box.url}/mail/{box.wait_for('li@acme.test').id}", timeout=5)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert 'sandbox="' not in requests.get(f"{box.url}/mail", timeout=5).text
    assert requests.get(f"{box.url}/mail/999", timeout=5).status_code == 404


def test_a_refusing_mailbox_makes_the_sender_fail(box: FakeMail) -> None:
    box.mailbox.refuse_with = "451 try again later"
    with pytest.raises(smtplib.SMTPDataError):
        send(box.smtp_port, "li@acme.test", "x", "x")
    box.mailbox.refuse_with = ""
    send(box.smtp_port, "li@acme.test", "again", "x")
    assert [each.subject for each in box.mailbox.mails] == ["again"]


def test_the_mailbox_is_emptied_on_demand_and_kept_over_restarts(box: FakeMail, tmp_path: Path) -> None:
    send(box.smtp_port, "li@acme.test", "x", "x")
    assert requests.delete(f"{box.url}/_control/mail", timeout=5).status_code == 200
    assert box.mailbox.mails == []
    kept = Mailbox(folder=tmp_path)
    kept.mails.append(Mail(id=7, sender="a", to=["b"], subject="s", at=1.0, text="t", html=""))
    kept.clear()
    assert Mailbox(folder=tmp_path).mails == []
