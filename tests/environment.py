"""Loaded by pytest before anything else: the services and the settings of the test run."""

import os

from guanxi.config.devstack.services import ensure_test_services

os.environ["GUANXI_ENV"] = "test"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.config.settings.test")
ensure_test_services()
