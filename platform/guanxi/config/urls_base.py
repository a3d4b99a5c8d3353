"""URLs of the base host."""

from django.urls import path, re_path

from guanxi.config.api import base_api, public_api, widget_api
from guanxi.config.channel_urls import channel_urls
from guanxi.config.site import base_page, unknown_operation

urlpatterns = [
    path("api/base/v1/", base_api().urls),
    path("api/public/v1/", public_api().urls),
    path("api/widget/v1/", widget_api().urls),
    *channel_urls(),
    re_path(r"^api/(?P<path>.*)$", unknown_operation),
    re_path(r"^(?!api/|_allauth/|static/|ws/)(?P<path>.*)$", base_page),
]
