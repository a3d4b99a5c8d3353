"""Where Tencent calls."""

from django.urls import path

from bots.channels.wechat.views import callback

urlpatterns = [path("wechat/<str:app_id>", callback, name="wechat_callback")]
