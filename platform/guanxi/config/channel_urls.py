"""URLs that channels and gateways bring: callbacks, the widget, webhooks."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver

MODULES = (
    "bots.channels.wechat.urls",
    "bots.channels.web.urls",
    "billing.subscriptions.urls",
    "tenants.accounts.urls",
    "guanxi.files.urls",
    "crm.activities.urls",
)


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def channel_urls() -> list[URLPattern | URLResolver]:
    """Return the patterns of every module that has some."""
    return [pattern for module in MODULES if _exists(module) for pattern in import_module(module).urlpatterns]
