"""Loaded by pytest before anything else: the services and the settings of the test run."""

import os
import sys
from pathlib import Path

from guanxi.config.devstack.services import ensure_test_services

os.environ["GUANXI_ENV"] = "test"
# Programs that tests start by name, such as daphne, are those of this environment.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings.test")
ensure_test_services()

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Each worker has a Redis database of its own beside the run's first one.
    head, _, number = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{head}/{int(number or 0) + 1 + int(worker.removeprefix('gw'))}"
