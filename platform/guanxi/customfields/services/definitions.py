"""Writes definitions of custom fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.audit.snapshots import diff, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound
from guanxi.customfields import formula
from guanxi.customfields.events import CUSTOM_FIELD_CHANGED
from guanxi.customfields.models import CustomField, CustomUnique, CustomValue
from guanxi.customfields.ports import host_of
from guanxi.customfields.selectors import access_field, definitions_of
from guanxi.customfields.services.checking import KEY, check_field, free_key, key_from, refuse
from guanxi.customfields.services.rebuilding import start_rebuild
from guanxi.customfields.types import SAFE_CHANGES, ValueType
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.tenancy import require_tenant

MAX_FIELDS = 100
MANAGE = "custom_field.manage"
CHANGEABLE = (
    "label", "label_en", "help_text", "required", "unique", "default", "options", "config", "show_when", "filterable",
    "searchable", "data_class", "type",
)  # fmt: skip
NOT_NULL = set(CHANGEABLE) - {"default", "show_when"}


def tell_field(actor: Actor, field: CustomField) -> None:
    """Let every open page read the fields of the kind anew."""
    record_event(
        CUSTOM_FIELD_CHANGED,
        actor=actor,
        aggregate=("custom_field", field.pk),
        data={"kind": field.kind, "key": field.key},
        audience=Audience(everyone=True),
    )


def _lock_kind(kind: str) -> None:
    # Two administrators at once: keys, positions and the limit are decided one after the other.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{require_tenant().schema} fields of {kind}"]
        )


@transaction.atomic
def create_field(*, actor: Actor, kind: str, values: Mapping[str, Any]) -> CustomField:
    """Add a field to a kind of record. Without a key it gets one made of its label. Raises Invalid for a definition
    that makes no sense, Conflict when the kind has all the fields that it may have.
    """
    require(actor, MANAGE)
    host_of(kind)
    _lock_kind(kind)
    there = definitions_of(kind)
    if len(there) >= MAX_FIELDS:
        raise Conflict(
            "too_many_fields", "This kind of record has all the fields it may have.", params={"n": MAX_FIELDS}
        )
    given = {name: values[name] for name in CHANGEABLE if values.get(name) is not None}
    if given.get("type") not in set(ValueType):
        raise refuse("type_unknown", "type", "unknown")
    field = CustomField(kind=kind, key=_key(kind, values), **given)
    field.label = field.label.strip()
    check_field(actor, field)
    field.position = max((one.position for one in there), default=-1) + 1
    field.created_at = field.updated_at = clock.now()
    field.save()
    record_audit(actor=actor, action="create", kind="custom_field", record_id=field.pk)
    start_rebuild(actor, field)
    tell_field(actor, field)
    return field


def _key(kind: str, values: Mapping[str, Any]) -> str:
    given = str(values.get("key") or "").strip()
    if not given:
        return free_key(kind, key_from(str(values.get("label", ""))))
    if not KEY.fullmatch(given):
        raise refuse("key_invalid", "key")
    if CustomField.objects.filter(kind=kind, key=given).exists():
        raise refuse("key_taken", "key", "taken")
    return given


@transaction.atomic
def update_field(*, actor: Actor, field_id: int, changes: Mapping[str, Any]) -> CustomField:
    """Change a definition. The key stays, the type changes only where every kept value stays good, options are put
    away and not removed. What there is already is worked in by a job.
    """
    field = access_field(actor, field_id, lock=True)
    _lock_kind(field.kind)
    before = snapshot(field, list(CHANGEABLE))
    for name in CHANGEABLE:
        if name in changes and not (changes[name] is None and name in NOT_NULL):
            setattr(field, name, changes[name])
    if field.type != before["type"] and (ValueType(before["type"]), field.type) not in SAFE_CHANGES:
        raise refuse("type_change_unsafe", "type", "unsafe", **{"from": before["type"], "to": field.type})
    _keep_options(field, before["options"])
    check_field(actor, field)
    changed = diff(before, snapshot(field, list(CHANGEABLE)))
    if not changed:
        return field
    field.updated_at = clock.now()
    field.save()
    record_audit(actor=actor, action="update", kind="custom_field", record_id=field.pk, changes=changed)
    _follow_change(actor, field, changed)
    tell_field(actor, field)
    return field


def _keep_options(field: CustomField, before: Sequence[Mapping[str, Any]]) -> None:
    """Put away the options that are no longer named: records hold their ids."""
    named = {option.get("id") for option in field.options}
    field.options = [*field.options, *({**option, "archived": True} for option in before if option["id"] not in named)]


def _follow_change(actor: Actor, field: CustomField, changed: Mapping[str, tuple[Any, Any]]) -> None:
    if changed.get("filterable", (None, None))[1] is False:
        CustomValue.objects.filter(field=field).delete()
    if changed.get("unique", (None, None))[1] is False:
        CustomUnique.objects.filter(field=field).delete()
    switched_on = any(changed[name][1] for name in ("filterable", "unique", "searchable") if name in changed)
    if switched_on or {"config", "type"} & set(changed):
        start_rebuild(actor, field)


@transaction.atomic
def archive_field(*, actor: Actor, field_id: int) -> CustomField:
    """Put a field away: nobody sees it, its values stay. Raises Conflict when another field reads it."""
    field = access_field(actor, field_id, lock=True)
    if field.archived_at is not None:
        return field
    users = [other.label for other in definitions_of(field.kind) if _reads(other, field)]
    if users:
        raise Conflict("field_in_use", "Other fields read this one.", params={"fields": users[:5]})
    CustomUnique.objects.filter(field=field).delete()
    return _put(actor, field, "archive")


def _reads(other: CustomField, field: CustomField) -> bool:
    if other.show_when and other.show_when.get("field") == field.name:
        return True
    return other.type == ValueType.FORMULA and field.name in formula.fields_in(formula.parse(other.config["formula"]))


@transaction.atomic
def restore_field(*, actor: Actor, field_id: int) -> CustomField:
    """Take a field out again, with the values that records still have."""
    field = access_field(actor, field_id, lock=True)
    if field.archived_at is None:
        return field
    _lock_kind(field.kind)
    if len(definitions_of(field.kind)) >= MAX_FIELDS:
        raise Conflict(
            "too_many_fields", "This kind of record has all the fields it may have.", params={"n": MAX_FIELDS}
        )
    field = _put(actor, field, "restore")
    start_rebuild(actor, field)
    return field


def _put(actor: Actor, field: CustomField, action: str) -> CustomField:
    field.archived_at = clock.now() if action == "archive" else None
    field.updated_at = clock.now()
    field.save(update_fields=["archived_at", "updated_at"])
    record_audit(actor=actor, action=action, kind="custom_field", record_id=field.pk)
    tell_field(actor, field)
    return field


@transaction.atomic
def reorder_fields(*, actor: Actor, kind: str, field_ids: Sequence[int]) -> list[CustomField]:
    """Put the fields of a kind into this order; those that are not named follow as they were."""
    require(actor, MANAGE)
    host_of(kind)
    _lock_kind(kind)
    there = {field.pk: field for field in definitions_of(kind)}
    for field_id in field_ids:
        if field_id not in there:
            raise NotFound("custom_field", field_id)
    order = list(dict.fromkeys([*field_ids, *there]))
    for position, field_id in enumerate(order):
        there[field_id].position = position
    CustomField.objects.bulk_update(there.values(), ["position"])
    fields = [there[field_id] for field_id in order]
    if fields:
        record_audit(actor=actor, action="reorder", kind="custom_field", record_id=fields[0].pk)
        tell_field(actor, fields[0])
    return fields
