"""Settings of a developer's machine and of the demo."""

from guanxi.config.settings.base import *

# Programs cannot resolve *.localhost, so the base site answers by address too.
GUANXI_BASE_HOSTS = GUANXI_BASE_HOSTS | {"localhost", "127.0.0.1"}
