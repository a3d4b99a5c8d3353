"""Which tenant this work is for: one ContextVar, and a database connection that refuses to disagree with it."""

from guanxi.tenancy.context import (
    TenantContextError,
    TenantRef,
    current_tenant,
    in_public,
    in_tenant,
    public_scope,
    require_tenant,
    tenant_scope,
)
from guanxi.tenancy.directory import each_tenant, find_tenant, register_directory

__all__ = [
    "TenantContextError",
    "TenantRef",
    "current_tenant",
    "each_tenant",
    "find_tenant",
    "in_public",
    "in_tenant",
    "public_scope",
    "register_directory",
    "require_tenant",
    "tenant_scope",
]
