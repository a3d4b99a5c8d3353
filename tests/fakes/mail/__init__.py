"""A mailbox that takes every mail by SMTP and shows it on a page."""

from tests.fakes.mail.mailbox import FakeMail, Mail, Mailbox, add_mailbox

__all__ = ["FakeMail", "Mail", "Mailbox", "add_mailbox"]
