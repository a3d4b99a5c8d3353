"""Where the script, its page and the parts of the page are."""

from django.urls import path

from bots.channels.web.views import widget_asset, widget_page, widget_script

urlpatterns = [
    path("widget.js", widget_script, name="widget_script"),
    path("widget/assets/<slug:digest>/<str:name>", widget_asset, name="widget_asset"),
    path("widget/<slug:key>", widget_page, name="widget_page"),
]
