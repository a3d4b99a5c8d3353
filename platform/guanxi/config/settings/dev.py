"""Settings of a developer's machine and of the demo."""

from guanxi.config.settings.base import *

# Programs cannot resolve *.localhost, so the base site answers by address too.
GUANXI_BASE_HOSTS = GUANXI_BASE_HOSTS | {"localhost", "127.0.0.1"}

# Benchmarks and browser tests sign up more often from one address than anybody does.
GUANXI_SIGN_UP_RATE = "1000/h"
# Whoever works on the page builds it again while the server runs.
WHITENOISE_AUTOREFRESH = GUANXI_ENV == "dev"
