"""URLs of a workspace's host."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from guanxi.config.api import internal_api, public_api, widget_api
from guanxi.config.channel_urls import channel_urls
from guanxi.config.docs import docs_page, openapi_json
from guanxi.config.site import unknown_operation, workspace_page

urlpatterns = [
    path("api/v1/", internal_api().urls),
    path("api/docs", docs_page),
    path("api/public/v1/docs", RedirectView.as_view(url="/api/docs")),
    path("api/public/v1/openapi.json", openapi_json),
    path("api/public/v1/", public_api().urls),
    path("api/widget/v1/", widget_api().urls),
    path("_allauth/", include("allauth.headless.urls")),
    *channel_urls(),
    re_path(r"^api/(?P<path>.*)$", unknown_operation),
    re_path(r"^(?!api/|_allauth/|static/|ws/)(?P<path>.*)$", workspace_page),
]
