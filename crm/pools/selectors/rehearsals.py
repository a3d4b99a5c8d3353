"""Reads rehearsals: a job's ids and numbers, with the names that the reader may see."""

from typing import Any

from crm.pools.models import RecycleRule
from crm.pools.selectors.reading import access_rule, visible_titles
from guanxi.access import Actor
from guanxi.jobs.selectors import job_named
from tenants.members.selectors import member_names


def rehearsal_of(actor: Actor, rule_id: int) -> dict[str, Any]:
    """Return the last rehearsal of a rule, running or finished."""
    rule = access_rule(actor, rule_id)
    job = job_named(rule.rehearsal_job_id)
    shown: dict[str, Any] = {
        "rule": rule,
        "job_id": rule.rehearsal_job_id,
        "state": str(job.state) if job else "none",
        "done": job.done if job else 0,
        "total": job.total if job else 0,
        "kind": rule.pool.kind,
    }
    return shown | _result(actor, rule, job.result) if job and job.result else shown


def _result(actor: Actor, rule: RecycleRule, result: dict[str, Any]) -> dict[str, Any]:
    examples = [*result["saved_examples"], *result["examples"]]
    titles = visible_titles(actor, {(rule.pool.kind, each["record_id"]) for each in examples})
    owners = {int(pk): tally for pk, tally in result["owners"].items() if pk != "None"}
    names = member_names([*owners, *(each["owner_id"] for each in examples)])
    by_owner = sorted(owners.items(), key=lambda pair: -pair[1][0])
    return {
        **{name: result[name] for name in ("begin", "end", "looked_at", "touched", "saved", "worth")},
        "days": [{"day": day, "touched": n, "saved": saved} for day, (n, saved) in sorted(result["days"].items())],
        "owners": [
            {"owner_id": pk, "name": names.get(pk, ""), "touched": n, "saved": saved} for pk, (n, saved) in by_owner
        ],
        "examples": [
            {
                **each,
                "title": titles.get((rule.pool.kind, each["record_id"]), ""),
                "owner": names.get(each["owner_id"] or 0, ""),
            }
            for each in examples
        ],
    }
