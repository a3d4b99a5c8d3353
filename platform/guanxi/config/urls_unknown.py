"""URLs of a host that is nobody's."""

from django.urls import re_path

from guanxi.config.site import unknown_host

urlpatterns = [re_path(r"^(?P<path>.*)$", unknown_host)]
