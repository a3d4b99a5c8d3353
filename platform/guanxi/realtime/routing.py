"""The sockets' addresses."""

from django.urls import path

from guanxi.realtime.consumers import MemberConsumer
from guanxi.realtime.visitor_consumers import VisitorConsumer

websocket_urlpatterns = [
    path("ws/", MemberConsumer.as_asgi()),
    path("ws/widget/", VisitorConsumer.as_asgi()),
]
