"""Permissions of imports and exports; original times can be kept by administrators alone."""

from crm.imports.columns.targets import KINDS
from guanxi.access import register_permissions

for _kind in KINDS:
    register_permissions(_kind, ["import", "export"])
register_permissions("data", ["read_all", "keep_times"])
