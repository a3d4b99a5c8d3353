"""Holds test services as a test run does, until it is ended: `python -m …`."""

import signal
import sys

from guanxi.config.devstack.services import ensure_test_services

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    database_url, redis_url = ensure_test_services()
    print(f"export DATABASE_URL={database_url}\nexport REDIS_URL={redis_url}", flush=True)
    signal.pause()
