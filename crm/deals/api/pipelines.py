"""The API of pipelines, stages, and the lists that deals pick from."""

from typing import Any

from crm.deals import selectors, services
from crm.deals.models import Competitor, LossReason, Pipeline, Stage
from crm.deals.schemas import (
    CompetitorIn,
    CompetitorOut,
    CompetitorPatch,
    LossReasonIn,
    LossReasonOut,
    LossReasonPatch,
    OrderIn,
    PipelineIn,
    PipelineOut,
    PipelinePatch,
    StageIn,
    StageMerge,
    StageOut,
    StagePatch,
)
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="pipelines")


@router.get("/pipelines", permission="deal.read", response=list[PipelineOut])
def pipelines_list(request: ApiRequest, archived: bool = False) -> Any:
    """List pipelines with their stages."""
    return selectors.pipelines(archived=archived)


@router.post("/pipelines", permission="pipeline.manage", response={201: PipelineOut})
def pipelines_create(request: ApiRequest, body: PipelineIn) -> tuple[int, Pipeline]:
    """Create a pipeline."""
    return 201, services.create_pipeline(actor=request.actor, **body.dict())


@router.post("/pipelines/order", permission="pipeline.manage", response=list[PipelineOut])
def pipelines_order(request: ApiRequest, body: OrderIn) -> Any:
    """Put the pipelines into another order."""
    services.order_pipelines(actor=request.actor, ids=body.ids)
    return selectors.pipelines()


@router.patch("/pipelines/{pipeline_id}", permission="pipeline.manage", response=PipelineOut)
def pipelines_update(request: ApiRequest, pipeline_id: int, body: PipelinePatch) -> Pipeline:
    """Rename a pipeline, or make it the default one."""
    return services.update_pipeline(actor=request.actor, pipeline_id=pipeline_id, **body.dict())


@router.post("/pipelines/{pipeline_id}/archive", permission="pipeline.manage", response=PipelineOut)
def pipelines_archive(request: ApiRequest, pipeline_id: int) -> Pipeline:
    """Take a pipeline out of use."""
    return services.archive_pipeline(actor=request.actor, pipeline_id=pipeline_id)


@router.post("/pipelines/{pipeline_id}/restore", permission="pipeline.manage", response=PipelineOut)
def pipelines_restore(request: ApiRequest, pipeline_id: int) -> Pipeline:
    """Use an archived pipeline again."""
    return services.restore_pipeline(actor=request.actor, pipeline_id=pipeline_id)


@router.post("/pipelines/{pipeline_id}/stages", permission="pipeline.manage", response={201: StageOut})
def stages_create(request: ApiRequest, pipeline_id: int, body: StageIn) -> tuple[int, Stage]:
    """Add a stage to a pipeline."""
    return 201, services.create_stage(actor=request.actor, pipeline_id=pipeline_id, values=body.dict())


@router.post("/pipelines/{pipeline_id}/stages/order", permission="pipeline.manage", response=PipelineOut)
def stages_order(request: ApiRequest, pipeline_id: int, body: OrderIn) -> Pipeline:
    """Put the stages of a pipeline into another order."""
    return services.order_stages(actor=request.actor, pipeline_id=pipeline_id, ids=body.ids)


@router.patch("/stages/{stage_id}", permission="pipeline.manage", response=StageOut)
def stages_update(request: ApiRequest, stage_id: int, body: StagePatch) -> Stage:
    """Change a stage."""
    return services.update_stage(actor=request.actor, stage_id=stage_id, changes=body.dict(exclude_unset=True))


@router.post("/stages/{stage_id}/merge", permission="pipeline.manage", response=StageOut)
def stages_merge(request: ApiRequest, stage_id: int, body: StageMerge) -> Stage:
    """Move the deals of a stage into another, and take the stage out; return the other one."""
    return services.merge_stage(actor=request.actor, stage_id=stage_id, into_id=body.into_id)


@router.delete("/stages/{stage_id}", permission="pipeline.manage", response={204: None})
def stages_delete(request: ApiRequest, stage_id: int) -> tuple[int, None]:
    """Take out a stage that no deal is in."""
    services.delete_stage(actor=request.actor, stage_id=stage_id)
    return 204, None


@router.get("/loss-reasons", permission="deal.read", response=list[LossReasonOut])
def loss_reasons_list(request: ApiRequest, archived: bool = False) -> Any:
    """List the reasons why deals are lost."""
    return selectors.loss_reasons(archived=archived)


@router.post("/loss-reasons", permission="pipeline.manage", response={201: LossReasonOut})
def loss_reasons_create(request: ApiRequest, body: LossReasonIn) -> tuple[int, LossReason]:
    """Add a reason."""
    return 201, services.create_loss_reason(actor=request.actor, name=body.name)


@router.post("/loss-reasons/order", permission="pipeline.manage", response=list[LossReasonOut])
def loss_reasons_order(request: ApiRequest, body: OrderIn) -> Any:
    """Put the reasons into another order."""
    services.order_loss_reasons(actor=request.actor, ids=body.ids)
    return selectors.loss_reasons()


@router.patch("/loss-reasons/{reason_id}", permission="pipeline.manage", response=LossReasonOut)
def loss_reasons_update(request: ApiRequest, reason_id: int, body: LossReasonPatch) -> LossReason:
    """Rename a reason, or take it out of the list."""
    return services.update_loss_reason(actor=request.actor, reason_id=reason_id, **body.dict())


@router.get("/competitors", permission="deal.read", response=list[CompetitorOut])
def competitors_list(request: ApiRequest, q: str = "", archived: bool = False) -> Any:
    """List competitors by part of their name, at most 200."""
    return selectors.find_competitors(text=q[:100], archived=archived)[:200]


@router.post("/competitors", permission="deal.update", response={201: CompetitorOut})
def competitors_create(request: ApiRequest, body: CompetitorIn) -> tuple[int, Competitor]:
    """Add a competitor."""
    return 201, services.create_competitor(actor=request.actor, values=body.dict())


@router.patch("/competitors/{competitor_id}", permission="pipeline.manage", response=CompetitorOut)
def competitors_update(request: ApiRequest, competitor_id: int, body: CompetitorPatch) -> Competitor:
    """Change what is known of a competitor, or take it out of the list."""
    return services.update_competitor(
        actor=request.actor, competitor_id=competitor_id, changes=body.dict(exclude_unset=True)
    )
