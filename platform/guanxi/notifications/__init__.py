"""What a member is told, on the bell and by mail."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.notifications.registry import Recipient, register_kind, register_recipients

if TYPE_CHECKING:
    from guanxi.notifications.mails import send_mail
    from guanxi.notifications.services import notify

__all__ = ["Recipient", "notify", "register_kind", "register_recipients", "send_mail"]

__getattr__ = lazy_exports(__name__, {"notify": "services", "send_mail": "mails"})
