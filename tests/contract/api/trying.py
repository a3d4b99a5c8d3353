"""Lets schemathesis try every operation of a running server by the server's own description."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import schemathesis
from schemathesis.engine import events, from_schema

SEED = 20_261_122
LONGEST_QUERY = 14_000
# Some random requests of each operation, of which many are not allowed; then, of reads and of what makes records, the
# odd values that the description allows, one by one. The same in every run.
FUZZING = {"stateful": {"enabled": False}, "examples": {"enabled": False}, "coverage": {"enabled": False}}
ODD_VALUES = {
    "stateful": {"enabled": False},
    "examples": {"enabled": False},
    "fuzzing": {"enabled": False},
    "coverage": {"generation": {"mode": "positive"}, "unexpected-methods": ["TRACE"]},
}
SETTINGS: dict[str, Any] = {
    "seed": SEED,
    "generation": {
        "mode": "all", "max-examples": 4, "deterministic": True, "no-shrink": True, "database": "none",
        "unique-inputs": True,
    },
    "workers": 2,
    "checks": {
        # What the description cannot say (two fields that need each other, names that are taken) is refused with 4xx.
        "positive_data_acceptance": {"enabled": False},
        # Ninja takes what Pydantic can read: "5" for 5.
        "negative_data_rejection": {"enabled": False},
        "missing_required_header": {"enabled": False},
        # 503 is described: of two writes that wait for each other one is told to try again.
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
    },
    "request-timeout": 20,
    "continue-on-failure": True,
}  # fmt: skip


@dataclass
class Tried:
    """What came of it."""

    operations: set[str] = field(default_factory=set)
    calls: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


@schemathesis.hook
def filter_query(_context: Any, query: Mapping[str, Any] | None) -> bool:
    """Leave out addresses of more than 16 kB: web servers end the connection at those, ours with all others."""
    return len(urlencode(query or {}, doseq=True)) < LONGEST_QUERY


def try_all(url: str, *, key: str, parameters: Mapping[str, int]) -> Tried:
    """Try every operation; `parameters` are ids that exist, by the names of the paths' parameters."""
    common = {
        **SETTINGS,
        "headers": {"Authorization": f"Bearer {key}"},
        "parameters": {f"path.{name}": value for name, value in parameters.items()},
    }
    tried = Tried()
    for phases, left_out in ((FUZZING, []), (ODD_VALUES, ["PATCH", "PUT", "DELETE"])):
        config = schemathesis.Config.from_dict({**common, "phases": phases})
        whole = schemathesis.openapi.from_url(f"{url}/api/public/v1/openapi.json", config=config)
        schema = whole.exclude(method=left_out) if left_out else whole
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                _note(event, tried)
            elif isinstance(event, (events.NonFatalError, events.FatalError)):
                tried.errors.append(_told(event))
    return tried


def _told(event: events.NonFatalError | events.FatalError) -> str:
    if isinstance(event, events.FatalError):
        return str(event.exception)
    return f"{event.label}: {event.info.message}\n{event.value!r}"


def _note(event: events.ScenarioFinished, tried: Tried) -> None:
    recorder = event.recorder
    tried.operations.add(recorder.label)
    for interaction in recorder.interactions.values():
        tried.calls += 1
        if interaction.response is not None:
            status = interaction.response.status_code
            tried.statuses[status] = tried.statuses.get(status, 0) + 1
    for case_id, checks in recorder.checks.items():
        answered = recorder.interactions.get(case_id)
        # The web server answers a broken multipart body itself, with a bare 400 and no headers at all.
        if answered is not None and answered.response is not None and not answered.response.headers:
            continue
        for check in checks:
            if check.failure_info is not None:
                sample = check.failure_info.code_sample
                tried.failures.setdefault(
                    (recorder.label, check.name), f"{check.failure_info.failure}\n{sample[:1500]}"
                )
