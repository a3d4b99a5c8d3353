"""The API of custom fields."""

from ninja import Query

from guanxi.customfields import selectors, services
from guanxi.customfields.models import CustomField
from guanxi.customfields.schemas import (
    CustomFieldFilters,
    CustomFieldIn,
    CustomFieldOrderIn,
    CustomFieldOut,
    CustomFieldPatch,
)
from guanxi.http.router import ApiRequest, AppRouter

router = AppRouter(tag="custom fields")
MANAGE = "custom_field.manage"


@router.get("/custom-fields", permission=MANAGE, response=list[CustomFieldOut])
def custom_fields_list(request: ApiRequest, filters: Query[CustomFieldFilters]) -> list[CustomField]:
    """List the fields that the workspace made, of one kind or of all, in their order."""
    return list(selectors.visible_fields(request.actor, filters.kind, archived=filters.archived))


@router.post("/custom-fields", permission=MANAGE, response={201: CustomFieldOut})
def custom_fields_create(request: ApiRequest, body: CustomFieldIn) -> tuple[int, CustomField]:
    """Add a field to a kind of record."""
    return 201, services.create_field(actor=request.actor, kind=body.kind, values=body.dict(exclude={"kind"}))


@router.post("/custom-fields/reorder", permission=MANAGE, response=list[CustomFieldOut])
def custom_fields_reorder(request: ApiRequest, body: CustomFieldOrderIn) -> list[CustomField]:
    """Put the fields of a kind into another order."""
    return services.reorder_fields(actor=request.actor, kind=body.kind, field_ids=body.custom_field_ids)


@router.get("/custom-fields/{int:custom_field_id}", permission=MANAGE, response=CustomFieldOut)
def custom_fields_get(request: ApiRequest, custom_field_id: int) -> CustomField:
    """Return a field."""
    return selectors.access_field(request.actor, custom_field_id)


@router.patch("/custom-fields/{int:custom_field_id}", permission=MANAGE, response=CustomFieldOut)
def custom_fields_update(request: ApiRequest, custom_field_id: int, body: CustomFieldPatch) -> CustomField:
    """Change a field; a change of type is refused where values would lose their meaning."""
    changes = body.dict(exclude_unset=True)
    return services.update_field(actor=request.actor, field_id=custom_field_id, changes=changes)


@router.post("/custom-fields/{int:custom_field_id}/archive", permission=MANAGE, response=CustomFieldOut)
def custom_fields_archive(request: ApiRequest, custom_field_id: int) -> CustomField:
    """Put a field away; its values stay."""
    return services.archive_field(actor=request.actor, field_id=custom_field_id)


@router.post("/custom-fields/{int:custom_field_id}/restore", permission=MANAGE, response=CustomFieldOut)
def custom_fields_restore(request: ApiRequest, custom_field_id: int) -> CustomField:
    """Take a field out again, with its values."""
    return services.restore_field(actor=request.actor, field_id=custom_field_id)
