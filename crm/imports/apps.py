"""Registers crm.imports with Django."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Import and export of records."""

    name = "crm.imports"
    label = "imports"

    def ready(self) -> None:
        """Register permissions, jobs and the purposes of files."""
        from crm.imports import jobs, permissions  # noqa: F401
        from crm.imports.services.common import ERRORS, MAX_UPLOAD, RESULT, UPLOAD
        from guanxi.files.purposes import MEGABYTE, Purpose, register_purpose
        from guanxi.files.sniffing import SHEETS

        register_purpose(Purpose(UPLOAD, kinds=SHEETS, max_bytes=MAX_UPLOAD))
        register_purpose(Purpose(ERRORS, kinds=SHEETS, max_bytes=MAX_UPLOAD))
        register_purpose(Purpose(RESULT, kinds=SHEETS, max_bytes=2048 * MEGABYTE))
