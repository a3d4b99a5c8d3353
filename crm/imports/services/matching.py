"""Finds, for a chunk of rows in a few queries, the records that they are already and those that they name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value

from crm.deals.selectors import pipelines
from crm.imports.columns.converting import text_of
from crm.imports.types import Row
from crm.records.registry import record_kind
from crm.records.visibility import reach_q
from guanxi.access import Actor

BY_INDEX = ("phone", "email", "wechat", "company", "name")


class IsOneOf(Func):
    """`field = ANY (array)`."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def key_value(row: Row, key: str) -> Any:
    """Return what a row has for a key, as it is compared; None for nothing."""
    value = row.values.get(key)
    return value if value not in ("", None, []) else None


class Matcher:
    """Matches rows with records by the chosen keys, the first that finds something."""

    def __init__(self, actor: Actor, kind: str, keys: Sequence[str]) -> None:
        self._actor, self._kind, self._keys = actor, kind, keys
        self._model = record_kind(kind).model
        self._made: dict[tuple[str, Any], list[int]] = defaultdict(list)

    def match(self, rows: Iterable[Row]) -> dict[int, list[int]]:
        """Return row number → ids of the records that it is, for rows that are any."""
        rows = list(rows)
        found: dict[int, list[int]] = {}
        for key in self._keys:
            open_rows = [row for row in rows if row.number not in found and key_value(row, key) is not None]
            known = self._ids_by_value(key, {key_value(row, key) for row in open_rows})
            for row in open_rows:
                if ids := known.get(key_value(row, key)):
                    found[row.number] = ids
        return found

    def _ids_by_value(self, key: str, values: set[Any]) -> dict[Any, list[int]]:
        if not values:
            return {}
        rows = self._model._default_manager.filter(archived_at__isnull=True).filter(_condition(key, values))
        known: dict[Any, list[int]] = defaultdict(list)
        column = key.replace("custom.", "custom__", 1)
        for pk, value in rows.order_by("pk").values_list("pk", column):
            known[value].append(pk)
        return known

    def reachable(self, ids: Iterable[int]) -> dict[int, Any]:
        """Return the records among these that the actor may change, locked, by id."""
        rows: QuerySet[Any] = self._model._default_manager.filter(reach_q(self._actor, self._kind, "update"))
        rows = rows.filter(pk__in=sorted(set(ids)), archived_at__isnull=True).order_by("pk")
        return {record.pk: record for record in rows.select_for_update(of=("self",))}


def _condition(key: str, values: set[Any]) -> Q:
    if key in BY_INDEX:
        # An index leaves the empty ones out; one array instead of a thousand parameters is planned at once.
        listed = Value(list(values), output_field=ArrayField(TextField()))
        return ~Q(**{key: ""}) & Q(IsOneOf(F(key), listed))
    if key.startswith("custom."):
        condition = Q(pk__in=[])
        for value in values:
            condition |= Q(custom__contains={key.removeprefix("custom."): value})
        return condition
    return Q(**{f"{key}__in": list(values)})


class Relations:
    """Replaces names of customers, contacts, stages by the records that they name."""

    def __init__(self, actor: Actor, parser_columns: Mapping[str, str]) -> None:
        """`parser_columns` maps a target to the kind that it points at."""
        self._actor, self._columns = actor, parser_columns
        self._stages = _stages_by_word() if {"stage_id", "pipeline_id"} & parser_columns.keys() else {}

    def resolve(self, rows: Sequence[Row]) -> None:
        """Put ids into the rows' values, or a fault to rows that name what is not there or not for the actor."""
        for name, kind in self._columns.items():
            if kind in {"stage", "pipeline"}:
                continue
            wanted = {" ".join(str(row.values[name]).split()) for row in rows if name in row.values}
            known = self._named(kind, wanted)
            for row in rows:
                if name in row.values:
                    _put(row, name, known.get(" ".join(str(row.values[name]).split()), []))
        if self._stages:
            for row in rows:
                self._resolve_stage(row)

    def _named(self, kind: str, words: set[str]) -> dict[str, list[int]]:
        known: dict[str, list[int]] = defaultdict(list)
        if not words:
            return known
        visible = record_kind(kind).visible(self._actor).filter(archived_at__isnull=True).order_by("pk")
        visible = visible.select_related(None).prefetch_related(None)
        for pk, name in visible.filter(name__in=list(words)).values_list("pk", "name"):
            known[name].append(pk)
        numbers = {word: int(word.lstrip("#")) for word in words if word.startswith("#") and word[1:19].isdigit()}
        there = set(visible.filter(pk__in=numbers.values()).values_list("pk", flat=True)) if numbers else set()
        known |= {word: [pk] for word, pk in numbers.items() if pk in there}
        return known

    def _resolve_stage(self, row: Row) -> None:
        word, pipeline = row.values.pop("stage_id", ""), row.values.pop("pipeline_id", "")
        if not word and not pipeline:
            return
        stage = self._stages.get((_plain(pipeline), _plain(word)))
        if stage is None:
            row.fault("stage_id" if word else "pipeline_id", "unknown_stage")
        else:
            row.values["stage"] = stage


def _put(row: Row, name: str, ids: list[int]) -> None:
    if len(ids) == 1:
        row.values[name] = ids[0]
        return
    del row.values[name]
    row.fault(name, "ambiguous_relation" if ids else "unknown_relation")


def _plain(value: Any) -> str:
    return " ".join(text_of(value).split()).casefold()


def _stages_by_word() -> dict[tuple[str, str], Any]:
    """Return (pipeline, stage) → stage; without a stage's name the first, without a pipeline's the default one's."""
    found: dict[tuple[str, str], Any] = {}
    for pipeline in sorted(pipelines(), key=lambda one: not one.is_default):
        for stage in pipeline.stages.all():
            stage.pipeline = pipeline
            words: Iterable[tuple[str, str]] = (
                (_plain(pipeline.name), _plain(stage.name)),
                ("", _plain(stage.name)),
                (_plain(pipeline.name), ""),
            )
            for word in words:
                found.setdefault(word, stage)
    return found
