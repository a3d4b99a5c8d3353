"""Cache keys that carry the tenant, so that two tenants never share an entry."""

from guanxi.tenancy.context import expected_schema


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Build the stored key: schema, prefix, version, key. Django's KEY_FUNCTION."""
    return f"gx:{expected_schema()}:{key_prefix}:{version}:{key}"
