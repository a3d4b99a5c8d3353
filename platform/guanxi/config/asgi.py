"""The ASGI application: HTTP by Django, sockets by Channels."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

from guanxi.config.environment import settings_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
http_application = get_asgi_application()

from guanxi.realtime.routing import websocket_urlpatterns  # noqa: E402  (models may be imported only after set-up)

application = ProtocolTypeRouter({"http": http_application, "websocket": URLRouter(websocket_urlpatterns)})
