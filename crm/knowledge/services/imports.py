"""Takes questions and answers from a spreadsheet: looked through first, then written in chunks by a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction

from crm.knowledge import events
from crm.knowledge.models import Faq
from crm.knowledge.selectors import faqs_by_key
from crm.knowledge.services.base import bump_revision, state_changes, tell, unique_texts
from crm.knowledge.sheets import read_sheet
from crm.knowledge.types import MAX_SIMILAR, FaqRow, SheetContent, guess_language, question_key
from crm.records.search import search_keys
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.files.selectors import open_file
from guanxi.files.services import store_file
from guanxi.jobs import Job, create_job

JOB_KIND = "knowledge.import"
FILE_PURPOSE = "import"
CHUNK = 200


class Duplicates(StrEnum):
    """What becomes of a row whose question is there already."""

    SKIP = "skip"
    UPDATE = "update"
    ADD_SIMILAR = "add_similar"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do."""

    file_id: int
    content: SheetContent
    new: int
    existing: int


@dataclass(slots=True)
class Imported:
    """What an import did."""

    created: int = 0
    updated: int = 0
    skipped: int = 0


def preview_import(*, actor: Actor, name: str, content: bytes) -> Preview:
    """Keep the file and say what is in it: rows to take, what is wrong with others, what is there already."""
    require(actor, "knowledge.import")
    sheet = read_sheet(name, content)
    stored = store_file(actor=actor, name=name, content=content, purpose=FILE_PURPOSE)
    known = faqs_by_key([row.question for row in sheet.rows])
    existing = sum((question_key(row.question), _language_of(row)) in known for row in sheet.rows)
    return Preview(stored.pk, sheet, len(sheet.rows) - existing, existing)


@transaction.atomic
def start_import(*, actor: Actor, file_id: int, duplicates: Duplicates, publish: bool) -> Job:
    """Let a worker import a file that was looked through; rows with problems are left out."""
    require(actor, "knowledge.import")
    require(actor, "faq.create")
    if publish:
        require(actor, "faq.publish")
    with open_file(actor, file_id).stream as stream:
        read_sheet("", stream.read())
    return create_job(
        actor=actor, kind=JOB_KIND, params={"file_id": file_id, "duplicates": duplicates.value, "publish": publish}
    )


@transaction.atomic
def import_rows(*, actor: Actor, rows: Sequence[FaqRow], duplicates: Duplicates, publish: bool) -> Imported:
    """Write a chunk of rows; the whole chunk or nothing, and the knowledge changes once."""
    require(actor, "knowledge.import")
    known = faqs_by_key([row.question for row in rows])
    result = Imported()
    fresh: list[Faq] = []
    touched = False
    for row in rows:
        faq = known.get((question_key(row.question), _language_of(row)))
        if faq is None:
            fresh.append(_new(actor, row, publish=publish))
            result.created += 1
        elif duplicates is Duplicates.SKIP or not _merge(faq, row, duplicates, actor):
            result.skipped += 1
        else:
            result.updated += 1
            touched = touched or faq.state == Faq.State.PUBLISHED
    Faq.objects.bulk_create(fresh)
    record_audit(
        actor=actor,
        action="import",
        kind="knowledge",
        record_id=1,
        changes={"created": (0, result.created), "updated": (0, result.updated)},
    )
    tell(
        actor,
        events.KNOWLEDGE_IMPORTED,
        ("knowledge", 1),
        {"created": result.created, "updated": result.updated, "skipped": result.skipped},
    )
    if touched or (publish and fresh):
        bump_revision(actor)
    return result


def _language_of(row: FaqRow) -> str:
    return row.language or guess_language(row.question)


def _new(actor: Actor, row: FaqRow, *, publish: bool) -> Faq:
    now = clock.now()
    faq = Faq(
        question=row.question,
        question_key=question_key(row.question),
        similar=list(row.similar),
        answer=row.answer,
        language=_language_of(row),
        category=row.category,
        tags=list(row.tags),
        source=Faq.Source.IMPORT,
        created_by_id=actor.member_id,
        updated_by_id=actor.member_id,
        created_at=now,
        updated_at=now,
        search_keys=search_keys(row.question, *row.similar, row.answer[:300]),
    )
    if publish:
        state_changes(faq, Faq.State.PUBLISHED)
    return faq


def _merge(faq: Faq, row: FaqRow, duplicates: Duplicates, actor: Actor) -> bool:
    """Bring a row into a FAQ that is there; return whether anything changed."""
    before = (faq.answer, faq.category, list(faq.similar), list(faq.tags))
    faq.similar = unique_texts([*faq.similar, *row.similar])[:MAX_SIMILAR]
    if duplicates is Duplicates.UPDATE:
        faq.answer = row.answer
        faq.category = row.category or faq.category
        faq.tags = unique_texts([*faq.tags, *row.tags])
    if before == (faq.answer, faq.category, faq.similar, faq.tags):
        return False
    faq.search_keys = search_keys(faq.question, *faq.similar, faq.answer[:300])
    faq.version += 1
    faq.updated_at, faq.updated_by_id = clock.now(), actor.member_id
    faq.save()
    return True
