"""Writes pipelines and their stages."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from crm.deals import events
from crm.deals.models import Deal, Pipeline, Stage
from crm.deals.services.rules import check_requirable, in_order, watch_stay
from crm.records.services import log_state_changes
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.timers.services import set_timer

RETIME = "stage.retime"
ALL_KINDS = {"open", "won", "lost"}
STAGE_FIELDS = ("name", "probability", "max_days", "required_fields", "next_stages", "back_policy")


def _tell(actor: Actor, pipeline_id: int) -> None:
    record_event(
        events.PIPELINE_CHANGED, actor=actor, aggregate=("pipeline", pipeline_id), audience=Audience(everyone=True)
    )


def _locked(pipeline_id: int) -> Pipeline:
    pipeline = Pipeline.objects.select_for_update().filter(pk=pipeline_id).first()
    if pipeline is None:
        raise NotFound("pipeline", pipeline_id)
    return pipeline


def _live(pipeline_id: int) -> list[Stage]:
    rows = Stage.objects.filter(pipeline_id=pipeline_id, archived_at__isnull=True)
    return list(rows.select_for_update().order_by("position", "id"))


def _named(name: str) -> str:
    if not name.strip():
        raise Invalid("name_missing", "A name is needed. Nothing was saved.", fields={"name": "missing"})
    return name.strip()


@transaction.atomic
def create_pipeline(*, actor: Actor, name: str, stages: list[dict[str, Any]], is_default: bool = False) -> Pipeline:
    """Create a pipeline with its stages; it needs at least one open, one won and one lost stage."""
    require(actor, "pipeline.manage")
    if not {stage.get("kind", "open") for stage in stages} >= ALL_KINDS:
        raise Invalid(
            "pipeline_incomplete", "A pipeline needs an open, a won and a lost stage.", fields={"stages": "incomplete"}
        )
    if is_default:
        Pipeline.objects.filter(is_default=True).update(is_default=False)
    last = Pipeline.objects.aggregate(last=Max("position"))["last"]
    pipeline = Pipeline.objects.create(
        name=_named(name), is_default=is_default, position=0 if last is None else last + 1
    )
    # Who lists the end before the way is understood all the same.
    ordered = sorted(stages, key=lambda stage: stage.get("kind", "open") != "open")
    allowed = {*STAGE_FIELDS, "kind"} - {"next_stages"}
    Stage.objects.bulk_create(
        [
            Stage(
                pipeline=pipeline, position=position, **{key: value for key, value in stage.items() if key in allowed}
            )
            for position, stage in enumerate(ordered)
        ]
    )
    record_audit(actor=actor, action="create", kind="pipeline", record_id=pipeline.pk)
    _tell(actor, pipeline.pk)
    return pipeline


@transaction.atomic
def update_pipeline(
    *, actor: Actor, pipeline_id: int, name: str | None = None, is_default: bool | None = None
) -> Pipeline:
    """Rename a pipeline, or make it the one that deals come into by default."""
    require(actor, "pipeline.manage")
    pipeline = _locked(pipeline_id)
    if name is not None:
        pipeline.name = _named(name)
    if is_default:
        if pipeline.archived_at is not None:
            raise Conflict("pipeline_archived", "An archived pipeline cannot be the default one.")
        Pipeline.objects.filter(is_default=True).exclude(pk=pipeline.pk).update(is_default=False)
        pipeline.is_default = True
    pipeline.updated_at = clock.now()
    pipeline.save()
    record_audit(actor=actor, action="update", kind="pipeline", record_id=pipeline.pk)
    _tell(actor, pipeline.pk)
    return pipeline


@transaction.atomic
def order_pipelines(*, actor: Actor, ids: list[int]) -> None:
    """Put the pipelines into this order."""
    require(actor, "pipeline.manage")
    rows = Pipeline.objects.select_for_update().filter(archived_at__isnull=True).order_by("position", "id")
    wanted = in_order("pipeline", list(rows), ids)
    Pipeline.objects.bulk_update(wanted, ["position"])
    _tell(actor, wanted[0].pk)


@transaction.atomic
def archive_pipeline(*, actor: Actor, pipeline_id: int) -> Pipeline:
    """Take a pipeline out of use; deals that are still on their way keep it."""
    require(actor, "pipeline.manage")
    pipeline = _locked(pipeline_id)
    if pipeline.is_default:
        raise Conflict("pipeline_is_default", "Make another pipeline the default one first.")
    waiting = Deal.objects.filter(pipeline=pipeline, stage__kind=Stage.Kind.OPEN, archived_at__isnull=True).count()
    if waiting:
        raise Conflict("pipeline_in_use", "Deals are still on their way here.", params={"count": waiting})
    return _set_archived(actor, pipeline, archived=True)


@transaction.atomic
def restore_pipeline(*, actor: Actor, pipeline_id: int) -> Pipeline:
    """Use an archived pipeline again."""
    require(actor, "pipeline.manage")
    return _set_archived(actor, _locked(pipeline_id), archived=False)


def _set_archived(actor: Actor, pipeline: Pipeline, *, archived: bool) -> Pipeline:
    pipeline.archived_at = clock.now() if archived else None
    pipeline.updated_at = clock.now()
    pipeline.save()
    action = "archive" if archived else "restore"
    record_audit(actor=actor, action=action, kind="pipeline", record_id=pipeline.pk)
    _tell(actor, pipeline.pk)
    return pipeline


def _check_stage(pipeline_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {name: values[name] for name in STAGE_FIELDS if name in values}
    if "name" in cleaned:
        cleaned["name"] = _named(cleaned["name"] or "")
    if "required_fields" in cleaned:
        cleaned["required_fields"] = list(dict.fromkeys(cleaned["required_fields"] or []))
        check_requirable(cleaned["required_fields"])
    if cleaned.get("next_stages") is not None:
        known = set(
            Stage.objects.filter(pipeline_id=pipeline_id, archived_at__isnull=True).values_list("pk", flat=True)
        )
        if not set(cleaned["next_stages"]) <= known:
            raise Invalid("unknown_stage", "A stage is not of this pipeline.", fields={"next_stages": "unknown"})
    for name in ("probability", "back_policy"):
        if name in cleaned and cleaned[name] is None:
            del cleaned[name]
    return cleaned


@transaction.atomic
def create_stage(*, actor: Actor, pipeline_id: int, values: Mapping[str, Any]) -> Stage:
    """Add a stage: an open one after the last open one, an end after all."""
    require(actor, "pipeline.manage")
    pipeline = _locked(pipeline_id)
    stages = _live(pipeline.pk)
    kind = values.get("kind", Stage.Kind.OPEN)
    place = sum(stage.kind == Stage.Kind.OPEN for stage in stages) if kind == Stage.Kind.OPEN else len(stages)
    stage = Stage(pipeline=pipeline, kind=kind, **_check_stage(pipeline.pk, values))
    stages.insert(place, stage)
    for position, one in enumerate(stages):
        one.position = position
        one.save()
    record_audit(actor=actor, action="create", kind="stage", record_id=stage.pk)
    _tell(actor, pipeline.pk)
    return stage


@transaction.atomic
def update_stage(*, actor: Actor, stage_id: int, changes: Mapping[str, Any]) -> Stage:
    """Change a stage's name, probability, longest stay, required fields, and the moves that it allows."""
    require(actor, "pipeline.manage")
    stage = _stage(stage_id)
    longest = stage.max_days
    for name, value in _check_stage(stage.pipeline_id, changes).items():
        setattr(stage, name, value)
    stage.updated_at = clock.now()
    stage.save()
    if stage.max_days != longest:
        _retime(stage)
    record_audit(actor=actor, action="update", kind="stage", record_id=stage.pk)
    _tell(actor, stage.pipeline_id)
    return stage


def _stage(stage_id: int) -> Stage:
    stage = Stage.objects.select_for_update().filter(pk=stage_id, archived_at__isnull=True).first()
    if stage is None:
        raise NotFound("stage", stage_id)
    return stage


def _retime(stage: Stage) -> None:
    """Let the deals of a stage be stuck by its new limit; their timers follow in the background."""
    stays = stage.kind == Stage.Kind.OPEN and stage.max_days is not None
    moment = F("stage_entered_at") + timedelta(days=stage.max_days) if stays and stage.max_days else None
    Deal.objects.filter(stage=stage).update(stuck_at=moment)
    set_timer(RETIME, stage.pk, clock.now())


def retime_deals(*, stage_id: int) -> None:
    """Set the timers of all deals of a stage anew."""
    for deal in Deal.objects.filter(stage_id=stage_id, archived_at__isnull=True).only("stuck_at", "archived_at"):
        watch_stay(deal)


@transaction.atomic
def order_stages(*, actor: Actor, pipeline_id: int, ids: list[int]) -> Pipeline:
    """Put the stages of a pipeline into this order; the ends stay behind the way."""
    require(actor, "pipeline.manage")
    pipeline = _locked(pipeline_id)
    wanted = in_order("stage", _live(pipeline.pk), ids)
    ended = [stage.kind != Stage.Kind.OPEN for stage in wanted]
    if ended != sorted(ended):
        raise Invalid("open_stages_first", "Won and lost come last.", fields={"ids": "open_first"})
    Stage.objects.bulk_update(wanted, ["position"])
    record_audit(actor=actor, action="order", kind="pipeline", record_id=pipeline.pk)
    _tell(actor, pipeline.pk)
    return pipeline


@transaction.atomic
def delete_stage(*, actor: Actor, stage_id: int) -> None:
    """Take out a stage that no deal is in; one that deals are in is merged instead."""
    require(actor, "pipeline.manage")
    stage = _stage(stage_id)
    if count := Deal.objects.filter(stage=stage).count():
        raise Conflict("stage_in_use", "Deals are in this stage; merge it into another.", params={"count": count})
    _take_out(actor, stage, None)


@transaction.atomic
def merge_stage(*, actor: Actor, stage_id: int, into_id: int) -> Stage:
    """Move all deals of a stage into another of the same kind, and take it out; their stays and histories go on."""
    require(actor, "pipeline.manage")
    # Both rows are locked in one order, so that two merges cannot wait for each other.
    Stage.objects.select_for_update().filter(pk__in=[stage_id, into_id]).order_by("pk").first()
    stage, into = _stage(stage_id), _stage(into_id)
    if stage.pk == into.pk or stage.pipeline_id != into.pipeline_id or stage.kind != into.kind:
        raise Invalid("merge_unlike", "Only stages of one pipeline and one kind merge.", fields={"into_id": "unlike"})
    _take_out(actor, stage, into)
    moment = F("stage_entered_at") + timedelta(days=into.max_days) if into.max_days and into.kind == "open" else None
    deals = list(Deal.objects.select_for_update().filter(stage=stage).order_by("pk").only("pk", "stage_entered_at"))
    log_state_changes(
        actor,
        "deal",
        {deal.pk: deal.stage_entered_at for deal in deals},
        before=str(stage.pk),
        after=str(into.pk),
        field="stage",
        note=f"{stage.name} → {into.name}",
    )
    Deal.objects.filter(stage=stage).update(stage=into, stuck_at=moment, version=F("version") + 1)
    set_timer(RETIME, into.pk, clock.now())
    return into


def _take_out(actor: Actor, stage: Stage, into: Stage | None) -> None:
    others = [one for one in _live(stage.pipeline_id) if one.pk != stage.pk]
    if stage.kind not in {one.kind for one in others}:
        raise Conflict("pipeline_incomplete", "A pipeline needs an open, a won and a lost stage.")
    for one in others:
        if one.next_stages is not None and stage.pk in one.next_stages:
            instead = [into.pk] if into is not None and into.pk != one.pk else []
            kept = [pk for pk in one.next_stages if pk != stage.pk]
            one.next_stages = list(dict.fromkeys([*kept, *instead]))
            one.save(update_fields=["next_stages"])
    stage.archived_at = clock.now()
    stage.merged_into = into
    stage.save(update_fields=["archived_at", "merged_into"])
    action = "merge" if into is not None else "delete"
    changes = {"merged_into_id": (None, into.pk)} if into is not None else None
    record_audit(actor=actor, action=action, kind="stage", record_id=stage.pk, changes=changes)
    _tell(actor, stage.pipeline_id)
