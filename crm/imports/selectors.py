"""Reads imports and exports: one's own, or everybody's with `data.read_all`."""

from django.db.models import QuerySet

from crm.imports.models import Export, Import
from guanxi.access import Actor, allows
from guanxi.common.errors import NotFound

READ_ALL = "data.read_all"


def visible_imports(actor: Actor) -> QuerySet[Import]:
    """Return the imports that the actor may know of."""
    rows = Import.objects.all()
    return rows if allows(actor, READ_ALL) else rows.filter(member_id=actor.member_id or 0)


def access_import(actor: Actor, import_id: int, *, lock: bool = False) -> Import:
    """Return an import, or raise NotFound."""
    rows = visible_imports(actor).filter(pk=import_id)
    run = (rows.select_for_update() if lock else rows).first()
    if run is None:
        raise NotFound("import", import_id)
    return run


def visible_exports(actor: Actor) -> QuerySet[Export]:
    """Return the exports that the actor may know of."""
    rows = Export.objects.all()
    return rows if allows(actor, READ_ALL) else rows.filter(member_id=actor.member_id or 0)


def access_export(actor: Actor, export_id: int) -> Export:
    """Return an export, or raise NotFound."""
    export = visible_exports(actor).filter(pk=export_id).first()
    if export is None:
        raise NotFound("export", export_id)
    return export
