"""The demo's tables: an import with errors in it, an export whose file is there."""

from types import SimpleNamespace
from typing import Any, cast

from crm.imports.models import Export, Import
from guanxi.access import Actor
from guanxi.config.demo.tables import fill_tables


def test_the_demo_shows_an_import_with_errors_and_an_export(owner: Actor) -> None:
    fill_tables(cast(Any, SimpleNamespace(people={"owner": owner})))
    run = Import.objects.get()
    assert (run.counts["created"], run.counts["refused"], run.table["encoding"]) == (5, 5, "gb18030")
    assert set(run.report["by_code"]) == {"phone_rounded", "unknown_member", "required", "bad_phone", "unknown_choice"}
    assert run.error_file_id and Export.objects.get().rows == 1
