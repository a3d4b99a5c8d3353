"""Writes a checked table, chunk by chunk, each in one transaction and each exactly once."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from crm.customers.services.bulk import create_contacts, create_customers
from crm.deals.services.bulk import create_deals
from crm.imports import events
from crm.imports.columns.words import note
from crm.imports.models import Import, ImportChunk
from crm.imports.selectors import access_import
from crm.imports.services.changing import Changes
from crm.imports.services.checking import problem_words, require_rights, require_state
from crm.imports.services.common import ERRORS, RUN_JOB, move_to, require_kind, working_actor
from crm.imports.services.parsing import note_refusal
from crm.imports.services.planning import Action, Planned, Planner, chunks_of
from crm.imports.sheets import open_table, open_writer
from crm.imports.types import CHUNK, BadRows, CellProblem, Options, Row
from crm.leads.services.bulk import create_leads
from crm.records.bulk import BulkRow
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import Conflict, Problem
from guanxi.customfields.selectors import remembered_definitions
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.files.selectors import open_file
from guanxi.files.streaming import store_stream
from guanxi.jobs import Job, JobCancelled, create_job

CREATE: dict[str, Callable[..., Sequence[Any]]] = {
    "customer": create_customers,
    "contact": create_contacts,
    "lead": create_leads,
    "deal": create_deals,
}


@transaction.atomic
def start_run(*, actor: Actor, import_id: int) -> Import:
    """Let a worker write a checked table. Raises Conflict when it has errors and the import is to stop at them."""
    run = access_import(actor, import_id, lock=True)
    require_kind(actor, run.kind, "import")
    require_state(run, Import.State.CHECKED)
    options = Options.from_json(run.options)
    require_rights(actor, run.kind, options)
    if options.bad_rows is BadRows.STOP and run.report.get("bad"):
        raise Conflict("import_has_errors", "Rows have errors. Nothing was written.", params={"bad": run.report["bad"]})
    job = create_job(actor=actor, kind=RUN_JOB, params={"import_id": run.pk})
    record_audit(actor=actor, action="import", kind="import", record_id=run.pk, changes={"file": ("", run.file_name)})
    move_to(actor, run, Import.State.RUNNING, run_job_id=job.pk, error_file_id=None)
    return run


class ChunkWriter:
    """Writes the chunks of one run."""

    def __init__(self, run: Import, actor: Actor) -> None:
        self.run, self.actor, self.kind = run, actor, run.kind
        self.options = Options.from_json(run.options)
        self.planner = Planner(actor, run.kind, run.mapping, self.options)

    def write(self, number: int, chunk: Sequence[tuple[int, Sequence[Any]]]) -> ImportChunk:
        """Write one chunk, or raise and write nothing of it; a chunk that is there already raises IntegrityError."""
        with remembered_definitions():
            try:
                return self._write(number, chunk)
            except Problem:
                # Something refuses a row that looked well: two of the chunk want the same unique value. One by one it
                # is seen which.
                return self._write(number, chunk, careful=True)

    @transaction.atomic
    def _write(self, number: int, chunk: Sequence[tuple[int, Sequence[Any]]], *, careful: bool = False) -> ImportChunk:
        done = ImportChunk(run=self.run, number=number)
        waiting = self.planner.parse(chunk)
        while waiting:
            planned, waiting, records = self.planner.wave(waiting, lock=True)
            fresh = [plan.row for plan in planned if plan.action is Action.CREATE]
            for rows in [[row] for row in fresh] if careful else [fresh]:
                self._create(rows, done, careful=careful)
            self._change([plan for plan in planned if plan.action is Action.CHANGE], records, done)
            done.skipped += sum(plan.action is Action.SKIP for plan in planned)
            done.refused += [refusal_of(plan.row) for plan in planned if plan.row.problems]
        done.save(force_insert=True)
        self._tell(done)
        return done

    def _create(self, rows: Sequence[Row], done: ImportChunk, *, careful: bool) -> None:
        parser = self.planner.parser
        bulk = []
        for row in rows:
            values = parser.clean_new(row)
            if not row.problems:
                bulk.append(self._bulk_row(row, values))
        self._put_customers(bulk)
        try:
            done.created_ids += [record.pk for record in CREATE[self.kind](actor=self.actor, rows=bulk)]
        except Problem as refusal:
            if not careful:
                raise
            note_refusal(rows[0], refusal)
        done.contact_ids += [one.more["contact_id"] for one in bulk if "contact_id" in one.more]

    def _bulk_row(self, row: Row, values: dict[str, Any]) -> BulkRow:
        owner_id = self.planner.parser.owner_of(row)
        more: dict[str, Any] = {name: row.values[name] for name in ("state", "stage") if name in row.values}
        if row.contact:
            more["contact"] = row.contact
        if "last_activity_at" in row.values:
            values["last_activity_at"] = row.values["last_activity_at"]
        values.pop("stage", None)
        if self.kind == "contact" and (customer_id := values.pop("customer_id", None)) is not None:
            more["customer_id"] = customer_id
        path = self.planner.parser.members.paths.get(owner_id, "") if owner_id is not None else ""
        return BulkRow(values, owner_id, path, row.values.get("created_at"), row.values.get("updated_at"), more)

    def _put_customers(self, bulk: Sequence[BulkRow]) -> None:
        wanted = {row.more["customer_id"] for row in bulk if "customer_id" in row.more}
        found = record_kind("customer").model._default_manager.in_bulk(wanted) if wanted else {}
        for row in bulk:
            if "customer_id" in row.more:
                row.more["customer"] = found[row.more.pop("customer_id")]

    def _change(self, planned: Sequence[Planned], records: Mapping[int, Any], done: ImportChunk) -> None:
        changes = Changes(self.actor, self.kind, self.options, self.planner.parser)
        told, skipped, contact_ids = changes.apply([(plan.row, records[plan.record_id or 0]) for plan in planned])
        done.changed += told
        done.skipped += skipped
        done.contact_ids += contact_ids

    def _tell(self, done: ImportChunk) -> None:
        ids = done.created_ids
        record_event(
            events.IMPORTED[self.kind],
            actor=self.actor,
            aggregate=("import", self.run.pk),
            data={
                "import_id": self.run.pk,
                "job_id": self.run.run_job_id,
                "first_id": min(ids, default=None),
                "last_id": max(ids, default=None),
                "created": len(ids),
                "changed": len(done.changed),
            },
            audience=Audience(everyone=True),
        )


def refusal_of(row: Row) -> dict[str, Any]:
    """Return a refused row as it is kept: what stood in it and what is wrong."""
    problems = [[problem.column, problem.code] for problem in row.problems]
    return {"row": row.number, "cells": row.cells, "problems": problems}


def run_import(job: Job) -> None:
    """Do the run's job. A worker that takes over goes on after the last chunk that was committed."""
    run = Import.objects.get(pk=int(job.params["import_id"]))
    if run.run_job_id != job.pk:
        return
    actor = working_actor(run.member_id, f"{run.kind}.import")
    if run.state != Import.State.RUNNING:
        with transaction.atomic():
            move_to(actor, run, Import.State.RUNNING)
    written = set(run.chunks.values_list("number", flat=True))
    writer = ChunkWriter(run, actor)
    rows = int(run.report.get("rows", 0))
    done = 0
    try:
        with open_file(actor, run.file_id).stream as stream:
            for number, chunk in enumerate(chunks_of(open_table(stream).rows(), CHUNK)):
                if number not in written:
                    writer.write(number, chunk)
                done += len(chunk)
                job.advance(done, max(rows, done), checkpoint={"chunk": number})
    except JobCancelled:
        finish_run(run, actor, Import.State.CANCELLED)
        raise
    counts = finish_run(run, actor, Import.State.DONE)
    job.finish(message_code="import_done", message_params=counts, result={**counts, "import_id": run.pk})


def counts_of(run: Import) -> dict[str, int]:
    """Return what the chunks of a run did together."""
    counts: Counter[str] = Counter(created=0, changed=0, skipped=0, refused=0, contacts=0)
    for chunk in run.chunks.order_by("number").iterator(chunk_size=50):
        counts.update(
            created=len(chunk.created_ids),
            changed=len(chunk.changed),
            skipped=chunk.skipped,
            refused=len(chunk.refused),
            contacts=len(chunk.contact_ids),
        )
    return dict(counts)


def finish_run(run: Import, actor: Actor, state: str) -> dict[str, int]:
    """Count, make the file of refused rows, and say that the run has ended."""
    counts = counts_of(run)
    with transaction.atomic():
        run = Import.objects.select_for_update().get(pk=run.pk)
        if run.state != Import.State.RUNNING:
            return counts
        if counts["refused"]:
            run.error_file_id = _error_file(run, actor)
        record_audit(
            actor=actor,
            action="import_done" if state == Import.State.DONE else "import_cancelled",
            kind="import",
            record_id=run.pk,
            changes={"kind": ("", run.kind), **{name: (0, number) for name, number in counts.items()}},
        )
        move_to(actor, run, state, counts=counts, finished_at=clock.now())
    return counts


def _refused(run: Import) -> Iterator[dict[str, Any]]:
    for chunk in run.chunks.order_by("number").iterator(chunk_size=20):
        yield from chunk.refused


def _error_file(run: Import, actor: Actor) -> int:
    """Keep the refused rows as they came, with a column that says what is wrong; it can be corrected and sent again."""
    with tempfile.TemporaryFile() as target:
        writer = open_writer("csv", target, [*run.headers, note(actor.locale, "error_column")])
        for refusal in _refused(run):
            problems = [CellProblem(column, code) for column, code in refusal["problems"]]
            writer.write([*refusal["cells"], problem_words(actor.locale, run.kind, problems)])
        writer.close([])
        name = note(actor.locale, "errors_name", name=run.file_name.rpartition(".")[0] or run.file_name)
        return store_stream(actor=actor, name=f"{name}.csv", stream=target, purpose=ERRORS).pk
