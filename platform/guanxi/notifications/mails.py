"""Mails: written in the reader's language, kept sealed in the database until the mail server has taken them."""

import json
import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template, select_template
from django.utils import translation
from django.utils.html import escape

from guanxi.common import clock
from guanxi.jobs import enqueue
from guanxi.secrets import seal, unseal
from guanxi.timers import cancel_timer, defer, on_due, reseal_deferred, retry_deferred, snooze_timer, take_deferred

log = logging.getLogger(__name__)
MAIL = "notifications.mail"
SEALED_FIELD = "notifications.mail"
# Who takes a mail up and dies has it taken up again after this long.
WATCH = timedelta(minutes=2)
FALLBACKS = ("en", "zh-CN")
URL_LINE = re.compile(r"https?://\S+")


def send_mail(
    template: str | Sequence[str], *, to: str, locale: str, context: dict[str, Any], not_before: datetime | None = None
) -> None:
    """Write a mail now and let it be sent after the caller's transaction has committed; it is tried again until the
    server takes it.

    `template` names `mail/<template>.<locale>.txt` in some app's templates, its first line the subject; of several
    names the first that is there. An `.html` beside it is used, else the page is made from the text. `context` holds
    plain values.
    """
    names = [template] if isinstance(template, str) else list(template)
    subject, text, html = render_mail(names, locale=locale, context=context)
    letter = json.dumps({"to": to, "subject": subject, "text": text, "html": html})
    moment = not_before or clock.now()
    with transaction.atomic():
        ref_id = defer(
            MAIL,
            {"sealed": seal(letter, field=SEALED_FIELD, row="")},
            at=moment + (WATCH if not_before is None else timedelta()),
        )
        if not_before is None:
            _hand_over(ref_id)


def reseal_waiting_mails() -> int:
    """Bring the mails that wait in the current schema under the current key; return how many."""
    return reseal_deferred(MAIL, "sealed", field=SEALED_FIELD)


def render_mail(names: Sequence[str], *, locale: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, text and HTML of a mail in the nearest language that it was written in."""
    locales = list(dict.fromkeys([locale, *(["zh-CN"] if locale.lower().startswith("zh") else []), *FALLBACKS]))
    paths = [f"mail/{name}.{language}" for language in locales for name in names]
    chosen = select_template([f"{path}.txt" for path in paths])
    path = chosen.template.name.removesuffix(".txt")
    language = path.rpartition(".")[2]
    with translation.override("zh-hans" if language.startswith("zh") else language):
        written = chosen.template.render(Context({**context, "locale": language}, autoescape=False))
        subject, _, text = written.strip().partition("\n")
        subject, text = " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"
        return subject, text, _html(path, subject, text, {**context, "locale": language})


def _html(path: str, subject: str, text: str, context: dict[str, Any]) -> str:
    try:
        return get_template(f"{path}.html").render(context)
    except TemplateDoesNotExist:
        blocks = [_block(block) for block in text.strip().split("\n\n")]
        return get_template("mail/layout.html").render({**context, "subject": subject, "blocks": blocks})


def _block(block: str) -> dict[str, str]:
    """Return a paragraph, or the address that a block consists of: the page shows it as a button."""
    if URL_LINE.fullmatch(block.strip()):
        return {"url": block.strip()}
    linked = URL_LINE.sub(lambda found: f'<a href="{found.group()}">{found.group()}</a>', escape(block))
    return {"html": linked.replace("\n", "<br>")}


def _hand_over(ref_id: int) -> None:
    from guanxi.notifications.tasks import deliver_mail

    enqueue(deliver_mail, ref_id)


@on_due(MAIL)
def mail_is_due(ref_id: int) -> None:
    """Let a worker send a mail that waits, and look again after a while."""
    snooze_timer(MAIL, ref_id, clock.now() + WATCH)
    _hand_over(ref_id)


def deliver(ref_id: int) -> bool:
    """Give a kept mail to the mail server; return whether it is done with.

    A failure makes it come again, at last it is dead.
    """
    with transaction.atomic():
        kept = take_deferred(MAIL, ref_id)
        if kept is None:
            return True
        letter = json.loads(unseal(kept["sealed"], field=SEALED_FIELD, row=""))
        try:
            _send(letter)
        except SMTPRecipientsRefused as refusal:
            if all(500 <= code < 600 for code, _ in refusal.recipients.values()):
                log.warning("the mail server refuses a recipient for good; the mail is dropped")
                cancel_timer(MAIL, ref_id)
                return True
            retry_deferred(MAIL, ref_id, "recipient refused for now")
            return False
        except OSError as fault:  # smtplib's exceptions are of this kind too
            log.warning("the mail server is away (%s); the mail waits", type(fault).__name__)
            retry_deferred(MAIL, ref_id, f"{type(fault).__name__}")
            return False
        cancel_timer(MAIL, ref_id)
        return True


def _send(letter: dict[str, str]) -> None:
    message = EmailMultiAlternatives(
        letter["subject"], letter["text"], to=[letter["to"]], headers={"Auto-Submitted": "auto-generated"}
    )
    message.attach_alternative(letter["html"], "text/html")
    message.send()
