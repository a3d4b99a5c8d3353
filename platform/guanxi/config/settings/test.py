"""Settings of the test suite."""

from guanxi.config.settings.base import *

GUANXI_BASE_HOSTS = GUANXI_BASE_HOSTS | {"localhost", "127.0.0.1", "testserver"}
# Hashing strength is not what the tests are about, and hundreds of users are made.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# pytest wraps tests in transactions and drops databases: a pool would hold connections open.
DATABASES["default"]["OPTIONS"].pop("pool", None)  # type: ignore[attr-defined]
# All tests come from one address.
GUANXI_SIGN_UP_RATE = "10000/h"
# The public API is tried as fast as it answers; its limit has tests of its own.
GUANXI_API_CALLS_A_MINUTE = 1_000_000
# Nobody answers there: a test that wants an answer plays the name server.
GUANXI_DNS_SERVERS = ("127.0.0.1:9",)
