"""Shows values of a record before it is claimed: as they are, masked, or not at all."""

from typing import Any

from crm.pools.models import Pool
from crm.pools.selectors.kinds import SHOWN, title_of
from guanxi.access import Actor, FieldMode

STARS = "****"


def mask(name: str, value: str) -> str:
    """Return what may be shown of a value: enough to tell two apart, too little to reach anybody."""
    if not value:
        return ""
    if name == "email":
        return f"{value[0]}***@{value.rpartition('@')[2]}"
    if name == "phone" and len(value) >= 7:
        return f"{value[:3]}{STARS}{value[-4:]}" if len(value) >= 11 else f"{value[:2]}{STARS}"
    return f"{value[0]}***"


def shown_values(pool: Pool, record: Any, names: tuple[str, ...], actor: Actor) -> dict[str, Any]:
    """Return the values of a record as the pool and the actor's roles let them be seen; the stricter of both counts."""
    modes = actor.field_modes.get(pool.kind, {})
    found: dict[str, Any] = {}
    for name in names:
        mode = modes.get(name, FieldMode.READ)
        if name in pool.hidden_fields or mode is FieldMode.HIDDEN:
            continue
        value = getattr(record, name)
        masked = name in pool.masked_fields or mode is FieldMode.MASKED
        found[name] = mask(name, str(value)) if masked else value
    return found


def open_title(pool: Pool, record: Any) -> str:
    """Return what a record in a pool is called."""
    return title_of(pool.kind, record)


def maskable(kind: str) -> tuple[str, ...]:
    """Return the fields that a pool may mask or leave out."""
    return SHOWN[kind]
