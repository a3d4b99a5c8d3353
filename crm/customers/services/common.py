"""What writes of customers and contacts share."""

from collections.abc import Mapping
from typing import Any

from crm.customers.types import normalise_email, normalise_phone
from guanxi.common.errors import Invalid

NULLABLE = {"parent_id", "next_action_at", "birthday"}
# Of these null changes nothing: they are never empty.
NEVER_EMPTY = {"kind"}
EMPTY: dict[str, Any] = {"tags": [], "custom": {}}


def required_name(name: str) -> str:
    """Return the name without needless spaces; raise Invalid for an empty one."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    return name


def clean(values: Mapping[str, Any], allowed: list[str]) -> dict[str, Any]:
    """Return the writable values, normalised."""
    cleaned = {
        key: EMPTY.get(key, "") if value is None and key not in NULLABLE else value
        for key, value in values.items()
        if key in allowed and not (value is None and key in NEVER_EMPTY)
    }
    if "name" in cleaned:
        cleaned["name"] = required_name(cleaned["name"])
    if "phone" in cleaned:
        cleaned["phone"] = normalise_phone(cleaned["phone"])
    if "email" in cleaned:
        cleaned["email"] = normalise_email(cleaned["email"])
    return cleaned
