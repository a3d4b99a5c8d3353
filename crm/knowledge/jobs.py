"""The job that imports a spreadsheet."""

from crm.knowledge.services.imports import CHUNK, JOB_KIND, Duplicates, import_rows
from crm.knowledge.sheets import read_sheet
from guanxi.access import Actor
from guanxi.files.selectors import open_file
from guanxi.jobs import Job, job_runner


@job_runner(JOB_KIND)
def run_import(job: Job) -> None:
    """Import chunk by chunk.

    A worker that takes over after a crash goes on at the checkpoint; a chunk that came twice is skipped by its keys.
    """
    actor = Actor.system(f"import by job {job.pk}")
    with open_file(actor, int(job.params["file_id"])).stream as stream:
        sheet = read_sheet("", stream.read())
    duplicates = Duplicates(job.params["duplicates"])
    counts = {"created": 0, "updated": 0, "skipped": 0, **job.checkpoint.get("counts", {})}
    for begin in range(int(job.checkpoint.get("next", 0)), len(sheet.rows), CHUNK):
        rows = sheet.rows[begin : begin + CHUNK]
        done = import_rows(actor=actor, rows=rows, duplicates=duplicates, publish=bool(job.params["publish"]))
        counts = {
            "created": counts["created"] + done.created,
            "updated": counts["updated"] + done.updated,
            "skipped": counts["skipped"] + done.skipped,
        }
        following = begin + len(rows)
        job.advance(following, len(sheet.rows), checkpoint={"next": following, "counts": counts})
    counts["refused"] = len({problem.row for problem in sheet.problems})
    job.finish(message_code="knowledge_imported", message_params=counts, result=counts)
