"""Takes tables in and out."""

from crm.imports.services.cancelling import cancel_export, cancel_import
from crm.imports.services.checking import start_check
from crm.imports.services.exporting import file_of_export, start_export
from crm.imports.services.presenting import columns_of
from crm.imports.services.running import start_run
from crm.imports.services.templates import make_template
from crm.imports.services.undoing import may_undo, start_undo
from crm.imports.services.uploading import upload_table

__all__ = [
    "cancel_export",
    "cancel_import",
    "columns_of",
    "file_of_export",
    "make_template",
    "may_undo",
    "start_check",
    "start_export",
    "start_run",
    "start_undo",
    "upload_table",
]
