"""One case for every operation of both mounts, made from the routes themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.test import Client

from guanxi.config.api import app_routers
from guanxi.http.router import Route
from tenants.members.services.api_keys import ONLY_PEOPLE
from tests.isolation.bodies import Bodies, query_of, upload
from tests.isolation.seeding import Ids

PREFIX = {"page": "/api/v1", "program": "/api/public/v1"}
PARAMETER = re.compile(r"\{(?:[a-z]+:)?([a-z_]+)\}")
RECORD_KINDS = ("lead", "customer", "contact", "deal", "task", "conversation")
WITH_FIELDS = ("lead", "customer", "contact", "deal")
# What a parameter of a path names, when it is not its name without `_id`.
PARAMETERS = {"reason_id": "loss_reason", "reply_id": "reply", "rule_id": "rule", "key_id": "key"}
# Operations that need a record in a certain state.
IN_STATE = {
    ("messages_retry", "message_id"): "failed_message",
    ("jobs_retry", "job_id"): "failed_job",
    ("imports_run", "import_id"): "checked_import",
    ("imports_cancel", "import_id"): "running_import",
    ("imports_undo", "import_id"): "done_import",
    ("imports_errors", "import_id"): "done_import",
    ("exports_cancel", "export_id"): "running_export",
    ("bulk_edits_undo", "job_id"): "bulk_edit",
    ("stages_delete", "stage_id"): "first_stage",
    ("stages_merge", "stage_id"): "first_stage",
    ("activities_check_in", "activity_id"): "visit",
    ("activities_result", "activity_id"): "plan",
    ("activities_cancel", "activity_id"): "plan",
    ("departments_delete", "department_id"): "department",
    ("channels_menu", "channel_id"): "wechat",
    ("channels_publish_menu", "channel_id"): "wechat",
    ("channels_create_qr_code", "channel_id"): "wechat",
    ("channels_test_message", "channel_id"): "wechat",
    ("pools_archive", "pool_id"): "empty_pool",
    ("conversations_hand_back", "conversation_id"): "failed_conversation",
}  # fmt: skip
# Operations whose path names no record by id, so that there is nothing of another tenant to name.
SKIPS = {
    "first_hour_done": "the code of a step, the same in every tenant",
    "invitations_open": "a token that only its holder knows; tests/isolation/test_links.py tries another tenant's",
    "invitations_accept": "the same token; tests/isolation/test_links.py",
    "files_download": "a signed link that names its tenant; tests/isolation/test_links.py",
    "channels_test_message": "needs a follower who wrote within two days; tests/bots/channels has its own case",
}
# A history that is empty for what is not there: an administrator may look back at what was erased.
EMPTY_INSTEAD = {"audit_record_history"}


@dataclass(frozen=True, slots=True)
class Named:
    """What one parameter of a path stands for: an id by its name in the seeding, or a word."""

    parameter: str
    name: str


@dataclass(frozen=True, slots=True)
class Case:
    """An operation on one mount, with what its path names."""

    mount: str
    route: Route
    path: str
    ids: tuple[Named, ...] = ()
    words: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = "".join(f"-{value}" for _, value in self.words)
        return f"{self.mount}-{self.route.operation_id}{words}"

    @property
    def writes(self) -> bool:
        """Return whether the operation changes anything."""
        return self.route.method != "GET"

    @property
    def closed_to_keys(self) -> bool:
        """Return whether no program may ever do this."""
        return self.mount == "program" and self.route.permission in ONLY_PEOPLE

    def url(self, own: Ids, instead: dict[str, int] | None = None) -> str:
        """Return the address with own ids, some of them replaced."""
        values: dict[str, Any] = dict(self.words)
        values |= {named.parameter: own[named.name] for named in self.ids} | (instead or {})
        return PREFIX[self.mount] + PARAMETER.sub(lambda match: str(values[match[1]]), self.path)

    def query(self) -> dict[str, str]:
        """Return what the operation's query must hold."""
        required = [part for part in query_of(self.route.operation_id) if part.get("required")]
        return {part["name"]: part["schema"].get("enum", ["a"])[0] for part in required}

    def send(self, client: Client, url: str, body: dict[str, Any] | None = None) -> Any:
        """Send the request."""
        if (form := upload(self.route.operation_id)) is not None:
            return client.post(url, form)
        query = f"?{urlencode(self.query())}" if self.query() else ""
        return client.generic(self.route.method, url + query, data=_json(body), content_type="application/json")

    def body(self, own: Ids) -> dict[str, Any] | None:
        """Return a body that the operation takes."""
        return Bodies(own).make(self.route.operation_id) if self.writes else None


def _json(body: dict[str, Any] | None) -> bytes:
    return orjson.dumps(body) if body is not None else b""


def all_routes() -> Iterator[Route]:
    """Yield what every app's routers declare."""
    for router in app_routers():
        yield from router.routes


def all_cases() -> list[Case]:
    """Return a case for every operation of both mounts, skipped ones apart."""
    return [case for route in all_routes() for mount in _mounts(route) for case in cases_of(mount, route)]


def _mounts(route: Route) -> list[str]:
    return ["page"] if route.private is not None else ["page", "program"]


def cases_of(mount: str, route: Route) -> Iterator[Case]:
    """Yield the cases of an operation: one, or one for each kind of record that its path can name."""
    if route.operation_id in SKIPS:
        return
    parameters = PARAMETER.findall(route.path)
    if parameters == ["kind"]:
        yield Case(mount, route, route.path, words=(("kind", "customer"),))
        return
    if "share_id" in parameters:
        ids = (Named("record_id", "customer"), Named("share_id", "share"))
        yield Case(mount, route, route.path, ids, (("kind", "customer"),))
        return
    if "kind" in parameters and route.path.startswith("/record-references"):
        for kind in ("lead", "customer", "contact", "deal"):
            yield Case(mount, route, route.path, (Named("record_id", kind),), (("kind", kind),))
        return
    if "kind" in parameters:
        for kind in RECORD_KINDS if route.operation_id != "records_reveal" else WITH_FIELDS:
            yield Case(mount, route, route.path, (Named("record_id", kind),), (("kind", kind),))
        return
    yield Case(mount, route, route.path, tuple(Named(name, _name(route.operation_id, name)) for name in parameters))


def _name(operation_id: str, parameter: str) -> str:
    return IN_STATE.get((operation_id, parameter)) or PARAMETERS.get(parameter) or parameter.removesuffix("_id")
