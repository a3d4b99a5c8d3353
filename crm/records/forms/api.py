"""The API of the fields of a kind, the layout of its page, and what custom fields of a record point at."""

from typing import TYPE_CHECKING, Any

from crm.records import pointing
from crm.records.fields import RecordField, fields_of
from crm.records.forms.layouts import sections_for
from crm.records.forms.schemas import FieldKind, LayoutIn, LayoutOut, RecordFieldOut, ReferenceOut
from crm.records.registry import access_record
from guanxi.access import SIGNED_IN, Actor
from guanxi.customfields.selectors import definitions_of, layout_of, remembered_definitions
from guanxi.customfields.services import reset_layout, save_layout
from guanxi.http.router import ApiRequest, AppRouter

if TYPE_CHECKING:
    from guanxi.customfields.models import CustomField

router = AppRouter(tag="records")
MANAGE = "custom_field.manage"
MORE = ("id", "label_en", "help_text", "unique", "searchable", "default", "options", "config", "show_when")


def _shown(actor: Actor, kind: str, field: RecordField, made: "CustomField | None") -> dict[str, Any]:
    names = ("name", "type", "label", "required", "editable", "filterable", "sortable", "maskable", "importable")
    shown = {name: getattr(field, name) for name in (*names, "choices", "relation", "data_class", "is_custom")}
    shown["mode"] = actor.field_mode(kind, field.name).name.lower()
    return shown | {name: getattr(made, name) for name in MORE} if made is not None else shown


@router.get("/record-fields/{kind}", permission=SIGNED_IN, response=list[RecordFieldOut])
def record_fields_list(request: ApiRequest, kind: FieldKind) -> list[dict[str, Any]]:
    """List all fields of a kind, the workspace's own last, without those that are hidden from the caller."""
    with remembered_definitions():
        made = {field.name: field for field in definitions_of(kind)}
        fields = fields_of(kind).values()
    shown = [_shown(request.actor, kind, field, made.get(field.name)) for field in fields]
    return [field for field in shown if field["mode"] != "hidden"]


@router.get("/record-layouts/{kind}", permission=SIGNED_IN, response=LayoutOut)
def record_layouts_get(request: ApiRequest, kind: FieldKind, role: str | None = None) -> dict[str, Any]:
    """Return how a kind's page is laid out for the caller; with `role` (empty for everybody) as it is set up there."""
    roles = request.actor.roles if role is None else (role,) if role else ()
    layout = layout_of(kind, roles)
    own = layout is not None and (role is None or layout.role == role)
    return {"kind": kind, "role": role or "", "own": own, "sections": sections_for(request.actor, kind, role=role)}


@router.put("/record-layouts/{kind}", permission=MANAGE, response=LayoutOut)
def record_layouts_save(request: ApiRequest, kind: FieldKind, body: LayoutIn) -> dict[str, Any]:
    """Lay a kind's page out, for everybody or for one role."""
    sections = [section.dict() for section in body.sections]
    save_layout(actor=request.actor, kind=kind, role=body.role, sections=sections, known=set(fields_of(kind)))
    sections = sections_for(request.actor, kind, role=body.role)
    return {"kind": kind, "role": body.role, "own": True, "sections": sections}


@router.delete("/record-layouts/{kind}", permission=MANAGE, response={204: None})
def record_layouts_reset(request: ApiRequest, kind: FieldKind, role: str = "") -> tuple[int, None]:
    """Return to the layout that the kind has by itself, or that everybody has."""
    reset_layout(actor=request.actor, kind=kind, role=role)
    return 204, None


@router.get("/record-references/{kind}/{record_id}", permission=SIGNED_IN, response=list[ReferenceOut])
def record_references_list(request: ApiRequest, kind: FieldKind, record_id: int) -> list[dict[str, Any]]:
    """List what the custom fields of a record point at, by the names that the caller may see."""
    record = access_record(request.actor, kind, record_id)
    shown = pointing.references_of(request.actor, kind, record)
    return [one for one in shown if request.actor.field_mode(kind, one["field"]).name in {"READ", "EDIT"}]
