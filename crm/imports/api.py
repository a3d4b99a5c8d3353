"""The API of imports and exports. It is the page's alone: somebody looks at a table before it is written."""

from collections.abc import Sequence
from typing import IO, Any, cast
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Form, Query
from ninja.files import UploadedFile

from crm.imports import selectors, services
from crm.imports.columns.targets import mode_of, targets_of
from crm.imports.models import Export, Import
from crm.imports.schemas import (
    ColumnOut,
    ExportIn,
    ExportOut,
    FileLink,
    HistoryFilters,
    ImportBrief,
    ImportCheckIn,
    ImportOut,
    KindQuery,
    TargetOut,
    TemplateQuery,
)
from crm.imports.types import Options
from guanxi.access import SIGNED_IN, FieldMode, require
from guanxi.common.errors import NotFound
from guanxi.files.links import download_url
from guanxi.files.selectors import files_by_id
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from tenants.members.selectors import member_names

router = AppRouter(tag="imports")
PRIVATE = "a person looks at a table before it is written, and answers for one that is taken out"
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def _brief(run: Import, names: dict[int, str]) -> dict[str, Any]:
    fields = ("id", "kind", "state", "file_name", "counts", "created_at", "finished_at", "undone_at")
    jobs = {"checking": run.check_job_id, "undoing": run.undo_job_id}
    return {
        **{name: getattr(run, name) for name in fields},
        "member": {"id": run.member_id, "name": names[run.member_id]} if run.member_id in names else None,
        "report": run.report,
        "job_id": jobs.get(run.state, run.run_job_id),
        "has_errors": run.error_file_id is not None,
        "may_undo": services.may_undo(run),
    }


def _whole(run: Import) -> dict[str, Any]:
    names = member_names([run.member_id])
    fields = ("table", "headers", "mapping", "options", "sample")
    return {**_brief(run, names), **{name: getattr(run, name) for name in fields}}


def _export(export: Export, names: dict[int, str]) -> dict[str, Any]:
    fields = ("id", "kind", "state", "format", "columns", "filters", "rows", "job_id", "created_at", "finished_at")
    return {
        **{name: getattr(export, name) for name in fields},
        "member": {"id": export.member_id, "name": names[export.member_id]} if export.member_id in names else None,
        "chosen": len(export.ids) if export.ids is not None else None,
        "has_file": export.file_id is not None,
        "expires_at": export.expires_at,
    }


def _named(rows: Sequence[Any]) -> dict[int, str]:
    return member_names({row.member_id for row in rows})


@router.get("/imports", permission=SIGNED_IN, response=Page[ImportBrief], private=PRIVATE)
def imports_list(request: ApiRequest, filters: Query[HistoryFilters], page: Query[PageParams]) -> PageResult:
    """List imports, newest first: your own, or everybody's with `data.read_all`."""
    rows = selectors.visible_imports(request.actor).filter(**filters.dict(exclude_none=True))
    found = paginate(rows.defer("sample", "headers", "mapping"), page, order=("-id",))
    names = _named(found["items"])
    return PageResult(items=[_brief(run, names) for run in found["items"]], next=found["next"])


@router.post("/imports", permission=SIGNED_IN, response={201: ImportOut}, private=PRIVATE)
def imports_upload(request: ApiRequest, file: File[UploadedFile], kind: Form[str]) -> tuple[int, dict[str, Any]]:
    """Upload a table of records (xlsx, or csv in UTF-8 or GBK); returns its columns and where each would go."""
    stream = cast(IO[bytes], file.file)
    run = services.upload_table(actor=request.actor, kind=kind, name=file.name or "table.csv", stream=stream)
    return 201, _whole(run)


@router.get("/imports/targets", permission=SIGNED_IN, response=list[TargetOut], private=PRIVATE)
def imports_targets(request: ApiRequest, query: Query[KindQuery]) -> list[dict[str, Any]]:
    """List where columns can go."""
    require(request.actor, f"{query.kind}.import")
    return [
        {
            "name": target.name,
            "kind": target.kind,
            "field": target.field.name,
            "type": target.field.type.value,
            "label": target.field.label,
            "required": target.field.required and "." not in target.name.removeprefix("custom."),
            "is_key": target.is_key,
            "choices": list(target.field.choices),
        }
        for target in targets_of(request.actor, query.kind).values()
    ]


@router.get("/imports/template", permission=SIGNED_IN, response=None, private=PRIVATE)
def imports_template(request: ApiRequest, query: Query[TemplateQuery]) -> HttpResponse:
    """Download an empty table with the right headers, hints and an example."""
    name, content = services.make_template(
        actor=request.actor, kind=query.kind, format_=query.format, locale=query.locale
    )
    response = HttpResponse(content, content_type=MEDIA[query.format])
    disposition = f"attachment; filename=\"template.{query.format}\"; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Disposition"] = disposition
    return response


@router.get("/imports/{int:import_id}", permission=SIGNED_IN, response=ImportOut, private=PRIVATE)
def imports_get(request: ApiRequest, import_id: int) -> dict[str, Any]:
    """Return an import: its columns, what the check found, what the run did."""
    return _whole(selectors.access_import(request.actor, import_id))


@router.post("/imports/{int:import_id}/check", permission=SIGNED_IN, response=ImportOut, private=PRIVATE)
def imports_check(request: ApiRequest, import_id: int, body: ImportCheckIn) -> dict[str, Any]:
    """Look through the whole table with this mapping, as a job; nothing is written."""
    run = services.start_check(
        actor=request.actor,
        import_id=import_id,
        mapping=body.mapping,
        options=Options.from_json(body.options.dict()),
    )
    return _whole(run)


@router.post("/imports/{int:import_id}/run", permission=SIGNED_IN, response=ImportOut, private=PRIVATE)
def imports_run(request: ApiRequest, import_id: int) -> dict[str, Any]:
    """Write a checked table, as a job."""
    return _whole(services.start_run(actor=request.actor, import_id=import_id))


@router.post("/imports/{int:import_id}/cancel", permission=SIGNED_IN, response=ImportOut, private=PRIVATE)
def imports_cancel(request: ApiRequest, import_id: int) -> dict[str, Any]:
    """Stop an import after its present chunk; what is written stays and can be taken back."""
    return _whole(services.cancel_import(actor=request.actor, import_id=import_id))


@router.post("/imports/{int:import_id}/undo", permission=SIGNED_IN, response=ImportOut, private=PRIVATE)
def imports_undo(request: ApiRequest, import_id: int) -> dict[str, Any]:
    """Take an import back within a day, as a job: records that somebody has touched since stay."""
    return _whole(services.start_undo(actor=request.actor, import_id=import_id))


@router.get("/imports/{int:import_id}/errors", permission=SIGNED_IN, response=FileLink, private=PRIVATE)
def imports_errors(request: ApiRequest, import_id: int) -> dict[str, str]:
    """Return a link to the rows with errors, to be corrected and uploaded again."""
    run = selectors.access_import(request.actor, import_id)
    return _link(run.error_file_id, "import", import_id)


@router.get("/exports", permission=SIGNED_IN, response=Page[ExportOut], private=PRIVATE)
def exports_list(request: ApiRequest, filters: Query[HistoryFilters], page: Query[PageParams]) -> PageResult:
    """List exports, newest first: your own, or everybody's with `data.read_all`."""
    rows = selectors.visible_exports(request.actor).filter(**filters.dict(exclude_none=True))
    found = paginate(rows, page, order=("-id",))
    names = _named(found["items"])
    return PageResult(items=[_export(export, names) for export in found["items"]], next=found["next"])


@router.post("/exports", permission=SIGNED_IN, response={201: ExportOut}, private=PRIVATE)
def exports_create(request: ApiRequest, body: ExportIn) -> tuple[int, dict[str, Any]]:
    """Take records out into a table, as a job; it is written into the audit trail."""
    export = services.start_export(
        actor=request.actor,
        kind=body.kind,
        columns=body.columns,
        format_=body.format,
        filters=body.filters,
        ids=body.ids,
    )
    return 201, _export(export, _named([export]))


@router.get("/exports/columns", permission=SIGNED_IN, response=list[ColumnOut], private=PRIVATE)
def exports_columns(request: ApiRequest, query: Query[KindQuery]) -> list[dict[str, Any]]:
    """List the columns that you may take out."""
    require(request.actor, f"{query.kind}.export")
    return [
        {
            "name": name,
            "type": field.type.value,
            "label": field.label,
            "masked": mode_of(request.actor, query.kind, name) is FieldMode.MASKED,
        }
        for name, field in services.columns_of(actor=request.actor, kind=query.kind).items()
    ]


@router.get("/exports/{int:export_id}", permission=SIGNED_IN, response=ExportOut, private=PRIVATE)
def exports_get(request: ApiRequest, export_id: int) -> dict[str, Any]:
    """Return an export."""
    export = selectors.access_export(request.actor, export_id)
    return _export(export, _named([export]))


@router.post("/exports/{int:export_id}/cancel", permission=SIGNED_IN, response=ExportOut, private=PRIVATE)
def exports_cancel(request: ApiRequest, export_id: int) -> dict[str, Any]:
    """Stop an export."""
    export = services.cancel_export(actor=request.actor, export_id=export_id)
    return _export(export, _named([export]))


@router.get("/exports/{int:export_id}/file", permission=SIGNED_IN, response=FileLink, private=PRIVATE)
def exports_file(request: ApiRequest, export_id: int) -> dict[str, str]:
    """Return a link to the table, for who made it and for a day; each is written into the audit trail."""
    return _link(services.file_of_export(actor=request.actor, export_id=export_id), "export", export_id)


def _link(file_id: int | None, kind: str, record_id: int) -> dict[str, str]:
    stored = files_by_id([file_id]).get(file_id or 0)
    if stored is None:
        raise NotFound(kind, record_id)
    return {"url": download_url(stored), "name": stored.name}
