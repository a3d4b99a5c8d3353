"""Takes a table in and says what it seems to be."""

from typing import IO

from django.db import transaction

from crm.imports.columns.converting import text_of
from crm.imports.models import Import
from crm.imports.services.common import UPLOAD, require_kind, tell
from crm.imports.services.remembering import propose_mapping
from crm.imports.sheets import open_table
from crm.imports.types import SAMPLE_ROWS, Options
from guanxi.access import Actor
from guanxi.common.errors import Invalid
from guanxi.files.streaming import store_stream


@transaction.atomic
def upload_table(*, actor: Actor, kind: str, name: str, stream: IO[bytes]) -> Import:
    """Keep a table of records of a kind with a proposal for its columns; nothing else is written.

    Raises Invalid for a file that is no table, is too large or not safe.
    """
    member_id = require_kind(actor, kind, "import")
    stored = store_stream(actor=actor, name=name, stream=stream, purpose=UPLOAD)
    table = open_table(stream)
    sample = []
    for number, cells in table.rows():
        sample.append({"row": number, "cells": [text_of(cell)[:200] for cell in cells]})
        if len(sample) == SAMPLE_ROWS:
            break
    if not sample:
        raise Invalid("sheet_empty", "The file holds no table.", fields={"file": "empty"})
    mapping, options, remembered = propose_mapping(actor=actor, kind=kind, headers=table.headers)
    run = Import.objects.create(
        kind=kind,
        member_id=member_id,
        file_id=stored.pk,
        file_name=stored.name,
        headers=table.headers,
        mapping=mapping,
        options={**Options().to_json(), **options},
        sample=sample,
        table={
            "format": table.format,
            "encoding": table.encoding,
            "delimiter": table.delimiter,
            "header_row": table.header_row,
            "size": stored.size,
            "remembered": remembered,
        },
    )
    tell(actor, run)
    return run
