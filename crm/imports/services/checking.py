"""Looks through a whole table before anything is written: what is new, what is there, what is wrong and where."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from crm.imports.columns.words import catalogue, error_word, label_of, note
from crm.imports.models import Import
from crm.imports.selectors import access_import
from crm.imports.services.common import CHECK_JOB, ERRORS, move_to, require_kind, working_actor
from crm.imports.services.matching import key_value
from crm.imports.services.parsing import check_mapping
from crm.imports.services.planning import Action, Planner, chunks_of
from crm.imports.services.remembering import remember_mapping
from crm.imports.sheets import Table, TableWriter, open_table, open_writer
from crm.imports.types import CHUNK, SHOWN_PROBLEMS, CellProblem, OnMatch, Options, Row
from crm.records.fields import fields_of
from guanxi.access import Actor, require
from guanxi.common.errors import Conflict, Invalid
from guanxi.customfields.selectors import remembered_definitions
from guanxi.files.selectors import open_file
from guanxi.files.streaming import store_stream
from guanxi.jobs import Job, create_job


class Report:
    """Counts what the check finds."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.by_code: Counter[str] = Counter()
        self.by_column: Counter[str] = Counter()
        self.problems: list[dict[str, Any]] = []
        # A set of numbers costs a tenth of what the keys themselves would.
        self._seen: set[int] = set()

    def count(self, row: Row, action: Action, options: Options, *, again: bool = False) -> None:
        """Count a sound row by what becomes of it; one that repeats a row above is what that row became."""
        keys = {hash((key, value)) for key in options.match_keys if (value := key_value(row, key)) is not None}
        repeated = again or bool(keys & self._seen)
        self._seen |= keys
        if repeated and options.on_match is not OnMatch.CREATE:
            action = Action.SKIP if options.on_match is OnMatch.SKIP else Action.CHANGE
        self.counts["repeated"] += repeated
        self.counts[action] += 1

    def note(self, row: Row, cell_of: dict[str, int]) -> None:
        """Count a refused row and keep the first ones."""
        self.counts["bad"] += 1
        for problem in row.problems:
            self.by_code[problem.code] += 1
            self.by_column[problem.column] += 1
            if len(self.problems) < SHOWN_PROBLEMS:
                at = cell_of.get(problem.column)
                shown = row.cells[at][:80] if at is not None else ""
                self.problems.append({"row": row.number, "column": problem.column, "code": problem.code, "cell": shown})

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            **{name: self.counts[name] for name in ("rows", "bad", "create", "change", "skip", "repeated")},
            "by_code": dict(self.by_code.most_common()),
            "by_column": dict(self.by_column.most_common()),
            "problems": self.problems,
        }


def check_rows(job: Job, run: Import, actor: Actor, table: Table, writer: TableWriter) -> Report:
    """Pass over the whole table and plan each row without writing; the refused rows go to the writer."""
    options = Options.from_json(run.options)
    planner = Planner(actor, run.kind, run.mapping, options)
    cell_of = {name: at for at, name in enumerate(run.mapping) if name}
    report = Report()
    for chunk in chunks_of(table.rows(), CHUNK):
        # What the check may write on its way, such as a number that a row would get, is taken back.
        with transaction.atomic(), remembered_definitions():
            rows = planner.parse(chunk)
            for row in rows:
                if not row.problems:
                    planner.parser.clean_new(row)
            planned, waiting, _ = planner.wave(rows, lock=False)
            transaction.set_rollback(True)
        report.counts["rows"] += len(rows)
        for plan in planned:
            if plan.action is Action.REFUSE:
                report.note(plan.row, cell_of)
                writer.write([*plan.row.cells, problem_words(actor.locale, run.kind, plan.row.problems)])
            else:
                report.count(plan.row, plan.action, options)
        for row in waiting:
            report.count(row, Action.SKIP if options.on_match is OnMatch.SKIP else Action.CHANGE, options, again=True)
        job.advance(report.counts["rows"])
    return report


def problem_words(locale: str, kind: str, problems: Iterable[CellProblem]) -> str:
    """Return what is wrong with a row in the words of a language."""
    parts = []
    for problem in problems:
        word = error_word(locale, problem.code)
        label = header_of(locale, kind, problem.column)
        parts.append(f"{label}: {word}" if label else word)
    return "; ".join(parts)


def header_of(locale: str, kind: str, name: str) -> str:
    """Return the header of a target."""
    if not name:
        return ""
    if name.startswith("custom."):
        field = fields_of(kind).get(name)
        return field.label if field else name
    prefix, _, rest = name.rpartition(".")
    label = label_of(locale, prefix or kind, rest)
    return f"{catalogue(locale)['contact_prefix']}{label}" if prefix == "contact" else label


@transaction.atomic
def start_check(*, actor: Actor, import_id: int, mapping: Sequence[str], options: Options) -> Import:
    """Keep how the columns are mapped and let a worker look through the whole table."""
    run = access_import(actor, import_id, lock=True)
    require_kind(actor, run.kind, "import")
    require_state(run, Import.State.UPLOADED, Import.State.CHECKED, Import.State.CHECKING, Import.State.FAILED)
    if len(mapping) != len(run.headers):
        raise Invalid("mapping_empty", "Say of each column where it goes.", fields={"mapping": "missing"})
    check_mapping(actor, run.kind, mapping, options)
    require_rights(actor, run.kind, options)
    run.mapping, run.options, run.report = list(mapping), options.to_json(), {}
    remember_mapping(actor=actor, kind=run.kind, headers=run.headers, mapping=run.mapping, options=run.options)
    job = create_job(actor=actor, kind=CHECK_JOB, params={"import_id": run.pk})
    move_to(actor, run, Import.State.CHECKING, check_job_id=job.pk)
    return run


def require_state(run: Import, *states: str) -> None:
    """Raise Conflict for an import that has gone on."""
    if run.state not in states:
        raise Conflict("import_state", "The import has gone on.", params={"state": run.state})


def require_rights(actor: Actor, kind: str, options: Options) -> None:
    """Raise PermissionDenied when the actor may not do what the options would."""
    require(actor, f"{kind}.create")
    if options.on_match in (OnMatch.FILL, OnMatch.OVERWRITE):
        require(actor, f"{kind}.update")
    if options.owner_rule == "turns" and set(options.owner_ids) != {actor.member_id}:
        require(actor, f"{kind}.assign")


def run_check(job: Job) -> None:
    """Do the check's job; one that was cut begins anew, since it writes nothing."""
    run = Import.objects.get(pk=int(job.params["import_id"]))
    if run.check_job_id != job.pk:
        return
    actor = working_actor(run.member_id, f"{run.kind}.import")
    with open_file(actor, run.file_id).stream as stream, tempfile.TemporaryFile() as target:
        table = open_table(stream)
        writer = open_writer("csv", target, [*run.headers, note(actor.locale, "error_column")])
        report = check_rows(job, run, actor, table, writer)
        writer.close([])
        with transaction.atomic():
            run = Import.objects.select_for_update().get(pk=run.pk)
            if run.check_job_id != job.pk or run.state != Import.State.CHECKING:
                return
            if report.counts["bad"]:
                name = note(actor.locale, "errors_name", name=run.file_name.rpartition(".")[0] or run.file_name)
                run.error_file_id = store_stream(actor=actor, name=f"{name}.csv", stream=target, purpose=ERRORS).pk
            else:
                run.error_file_id = None
            run.report = report.to_json()
            move_to(actor, run, Import.State.CHECKED)
    job.finish(
        message_code="import_checked", message_params={"rows": report.counts["rows"], "bad": report.counts["bad"]}
    )
