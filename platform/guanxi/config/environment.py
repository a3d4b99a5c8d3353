"""Which settings module goes with GUANXI_ENV."""

import os

MODULES = {"dev": "dev", "demo": "dev", "test": "test", "production": "production"}


def settings_module() -> str:
    """Return the dotted name of the settings module for this environment."""
    name = os.environ.get("GUANXI_ENV", "dev")
    return f"guanxi.config.settings.{MODULES.get(name, 'dev')}"
