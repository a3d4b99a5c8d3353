"""Writes custom fields, the values of records in them, and the layouts of record pages."""

from guanxi.customfields.services.definitions import (
    archive_field,
    create_field,
    reorder_fields,
    restore_field,
    update_field,
)
from guanxi.customfields.services.layouts import reset_layout, save_layout
from guanxi.customfields.services.rebuilding import rebuild_field, rebuild_record
from guanxi.customfields.services.writing import CleanCustom, NotUnique, Writing, clean_custom, standard_names

__all__ = [
    "CleanCustom",
    "NotUnique",
    "Writing",
    "archive_field",
    "clean_custom",
    "create_field",
    "rebuild_field",
    "rebuild_record",
    "reorder_fields",
    "reset_layout",
    "restore_field",
    "save_layout",
    "standard_names",
    "update_field",
]
