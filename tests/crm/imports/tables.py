"""Makes tables for the tests, and takes them in as the page would."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from crm.imports.models import Export, Import
from crm.imports.services import start_check, start_export, start_run, start_undo, upload_table
from crm.imports.types import Options
from guanxi.access import Actor
from guanxi.files.models import StoredFile
from guanxi.files.selectors import open_stream
from guanxi.jobs.tasks import run_job


def csv_of(header: Sequence[str], *rows: Sequence[object], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """A text file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_of(header: Sequence[str | None], *rows: Sequence[object], formats: dict[str, str] | None = None) -> bytes:
    """A workbook; `formats` gives cells such as `B2` a number format."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(actor: Actor, content: bytes, *, kind: str = "customer", name: str = "table.csv") -> Import:
    """Upload a table."""
    return upload_table(actor=actor, kind=kind, name=name, stream=io.BytesIO(content))


def check(actor: Actor, run: Import, mapping: Sequence[str] | None = None, **options: Any) -> Import:
    """Let the check's job run to its end."""
    started = start_check(
        actor=actor,
        import_id=run.pk,
        mapping=list(mapping if mapping is not None else run.mapping),
        options=Options.from_json({**run.options, **options}),
    )
    run_job(started.check_job_id)
    return Import.objects.get(pk=run.pk)


def take_in(actor: Actor, content: bytes, *, kind: str = "customer", name: str = "table.csv", **options: Any) -> Import:
    """Upload, check and write a table."""
    run = check(actor, upload(actor, content, kind=kind, name=name), **options)
    assert run.state == Import.State.CHECKED, run.state
    started = start_run(actor=actor, import_id=run.pk)
    run_job(started.run_job_id)
    return Import.objects.get(pk=run.pk)


def take_back(actor: Actor, run: Import) -> Import:
    """Undo an import."""
    started = start_undo(actor=actor, import_id=run.pk)
    run_job(started.undo_job_id)
    return Import.objects.get(pk=run.pk)


def take_out(
    actor: Actor,
    columns: Sequence[str],
    *,
    kind: str = "customer",
    format_: str = "csv",
    filters: dict[str, Any] | None = None,
    ids: Sequence[int] | None = None,
) -> Export:
    """Export to the end."""
    export = start_export(actor=actor, kind=kind, columns=columns, format_=format_, filters=filters or {}, ids=ids)
    run_job(export.job_id)
    return Export.objects.get(pk=export.pk)


def content_of(file_id: int | None) -> bytes:
    """Read a kept file."""
    assert file_id is not None
    with open_stream(StoredFile.objects.get(pk=file_id)) as stream:
        return bytes(stream.read())


def rows_in(content: bytes) -> list[list[str]]:
    """Read a csv that we wrote."""
    assert content.startswith(b"\xef\xbb\xbf"), "Excel knows UTF-8 by its mark"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
