"""Whether a definition makes sense: key, options, formula, condition, and what its type can do."""

import re
from collections.abc import Mapping
from typing import Any

from guanxi.access import Actor
from guanxi.common.errors import Invalid
from guanxi.customfields import formula
from guanxi.customfields.models import CustomField
from guanxi.customfields.ports import host_of, relation_kinds
from guanxi.customfields.selectors import definitions_of
from guanxi.customfields.services.counting import PERIODS
from guanxi.customfields.types import (
    COMPUTED,
    NOT_FILTERABLE,
    SEARCHABLE_TYPES,
    UNIQUE_TYPES,
    WITH_OPTIONS,
    DataClass,
    ValueType,
)
from guanxi.customfields.values import FieldFault, clean_value

T = ValueType
MAX_OPTIONS = 200
MAX_KEY = 40
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
COLOURS = {"", "grey", "blue", "green", "orange", "red", "purple"}
OPERATORS = {"eq", "ne", "in", "empty", "not_empty"}


def refuse(code: str, field: str, reason: str = "invalid", **params: Any) -> Invalid:
    """Return the refusal of a definition."""
    return Invalid(code, f"The field cannot be kept: {code}. Nothing was saved.", fields={field: reason}, params=params)


def key_from(label: str) -> str:
    """Return a key made of a label: its pinyin, its words joined by underscores."""
    # Imported late: the dictionary of pinyin costs 30 MB, which a process that makes no fields should not pay.
    from pypinyin import lazy_pinyin

    plain = re.sub(r"[^a-z0-9]+", "_", "".join(lazy_pinyin(label)).lower()).strip("_")[: MAX_KEY - 4]
    return plain if plain[:1].isalpha() else f"f_{plain}".rstrip("_")


def free_key(kind: str, wanted: str) -> str:
    """Return a key that no field of the kind has had."""
    taken = set(CustomField.objects.filter(kind=kind, key__startswith=wanted).values_list("key", flat=True))
    numbered = (f"{wanted}_{number}" for number in range(2, 1000))
    return wanted if wanted not in taken else next(key for key in numbered if key not in taken)


def check_field(actor: Actor, field: CustomField) -> None:
    """Raise Invalid unless the definition makes sense; tidy its options and its configuration."""
    if not field.label.strip():
        raise refuse("label_missing", "label", "missing")
    kind = field.value_type
    if kind in WITH_OPTIONS:
        field.options = clean_options(field.options)
    elif field.options:
        raise refuse("options_not_here", "options")
    _check_config(field)
    if field.unique and kind not in UNIQUE_TYPES:
        raise refuse("unique_not_here", "unique")
    if field.filterable and kind in NOT_FILTERABLE:
        raise refuse("filter_not_here", "filterable")
    if field.searchable and kind not in SEARCHABLE_TYPES:
        raise refuse("search_not_here", "searchable")
    if kind in COMPUTED:
        field.required, field.default = False, None
    if field.data_class not in set(DataClass):
        raise refuse("data_class_unknown", "data_class")
    _check_condition(field)
    _check_default(actor, field)


def clean_options(options: list[Any]) -> list[dict[str, Any]]:
    """Return the options with an id each; ids that are given stay, so that kept values keep their meaning."""
    if len(options) > MAX_OPTIONS:
        raise refuse("too_many_options", "options", "too_many")
    cleaned: list[dict[str, Any]] = []
    seen = {str(option.get("id") or "") for option in options}
    number = 0
    for option in options:
        label = str(option.get("label", "")).strip()[:80]
        if not label:
            raise refuse("option_label_missing", "options", "missing")
        known = str(option.get("id") or "")[:40]
        while not known:
            number += 1
            known = f"o{number}" if f"o{number}" not in seen else ""
        seen.add(known)
        colour = str(option.get("colour", ""))
        cleaned.append(
            {
                "id": known,
                "label": label,
                "label_en": str(option.get("label_en", "")).strip()[:80],
                "colour": colour if colour in COLOURS else "",
                "archived": bool(option.get("archived", False)),
            }
        )
    if len({option["id"] for option in cleaned}) < len(cleaned):
        raise refuse("option_twice", "options", "twice")
    if not any(not option["archived"] for option in cleaned):
        raise refuse("options_missing", "options", "missing")
    return cleaned


def _check_config(field: CustomField) -> None:
    given: Mapping[str, Any] = field.config
    kind = field.value_type
    if kind in {T.NUMBER, T.MONEY}:
        field.config = _number_config(given)
    elif kind == T.RELATION:
        if given.get("relation") not in relation_kinds():
            raise refuse("relation_unknown", "config", "relation_unknown")
        field.config = {"relation": given["relation"]}
    elif kind == T.FORMULA:
        field.config = _formula_config(field, given)
    elif kind == T.AUTO_NUMBER:
        digits = given.get("digits", 4)
        if given.get("period", "") not in PERIODS or not isinstance(digits, int) or not 1 <= digits <= 12:
            raise refuse("auto_number_pattern", "config", "auto_number_pattern")
        field.config = {
            "prefix": str(given.get("prefix", ""))[:20], "digits": digits, "period": given.get("period", ""),
        }  # fmt: skip
    else:
        field.config = {}


def _number_config(given: Mapping[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {"decimals": given.get("decimals", 2), "unit": str(given.get("unit", ""))[:20]}
    if not isinstance(config["decimals"], int) or not 0 <= config["decimals"] <= 6:
        raise refuse("decimals_invalid", "config", "decimals_invalid")
    for name in ("min", "max"):
        if given.get(name) is not None:
            if isinstance(given[name], bool) or not isinstance(given[name], (int, float)):
                raise refuse("limit_invalid", "config", "limit_invalid")
            config[name] = given[name]
    if "min" in config and "max" in config and config["min"] > config["max"]:
        raise refuse("limit_invalid", "config", "limit_invalid")
    return config


def formula_types(kind: str) -> dict[str, str]:
    """Return the fields that a formula of a kind may read, with what each is to it; formulas do not read formulas."""
    found = {field.name: formula.formula_type(field.type) for field in definitions_of(kind)}
    found |= {name: formula.formula_type(value_type) for name, value_type in host_of(kind).standard().items()}
    return {name: value for name, value in found.items() if value is not None}


def _formula_config(field: CustomField, given: Mapping[str, Any]) -> dict[str, Any]:
    text = str(given.get("formula", "")).strip()
    try:
        result = formula.type_of(formula.parse(text), formula_types(field.kind))
    except formula.FormulaError as fault:
        raise refuse(fault.code, "config", fault.code, at=fault.at) from None
    decimals = given.get("decimals", 2)
    if not isinstance(decimals, int) or not 0 <= decimals <= 6:
        raise refuse("decimals_invalid", "config", "decimals_invalid")
    return {"formula": text, "result": result, "decimals": decimals, "unit": str(given.get("unit", ""))[:20]}


def _check_condition(field: CustomField) -> None:
    rule = field.show_when
    if not rule:
        field.show_when = None
        return
    name = rule.get("field")
    known = {other.name for other in definitions_of(field.kind)} | set(host_of(field.kind).standard())
    if name == field.name or name not in known or rule.get("op") not in OPERATORS:
        raise refuse("show_when_invalid", "show_when")
    field.show_when = {"field": name, "op": rule["op"], "value": rule.get("value")}


def _check_default(actor: Actor, field: CustomField) -> None:
    if field.default in (None, "", []):
        field.default = None
        return
    if (field.type, field.default) in {(T.DATE, "today"), (T.MEMBER, "me")}:
        return
    if field.unique:
        raise refuse("default_not_here", "default")
    try:
        field.default = clean_value(actor, field, field.default)
    except FieldFault as fault:
        raise refuse("default_invalid", "default", fault.code) from None
