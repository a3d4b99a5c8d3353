"""The ASGI application: HTTP by Django, sockets by Channels."""

import os
from importlib import import_module

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

from guanxi.config.environment import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
http_application = get_asgi_application()

from guanxi.realtime.routing import websocket_urlpatterns  # noqa: E402  (models may be imported only after set-up)

# A fault in any URL shows at the start and not at the first request, which would also wait for all the imports.
for urlconf in (settings.ROOT_URLCONF, settings.PUBLIC_SCHEMA_URLCONF, settings.UNKNOWN_HOST_URLCONF):
    import_module(urlconf)

application = ProtocolTypeRouter({"http": http_application, "websocket": URLRouter(websocket_urlpatterns)})
