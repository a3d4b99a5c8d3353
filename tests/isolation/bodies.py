"""Makes a body for an operation from its OpenAPI schema: what is required, and every id that it can name."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.config.api import internal_api
from tests.isolation.seeding import MET_PHONE, SHEET, Ids

LATER = "2099-01-01T09:00:00Z"
# What a property that holds an id names; a property that is not listed fails the matrix, so that it is thought of.
NAMES = {
    "customer_id": "customer", "contact_id": "contact", "lead_id": "lead", "pipeline_id": "pipeline",
    "stage_id": "stage", "owner_id": "member", "member_id": "member", "member_ids": "member", "head_id": "member",
    "owner_ids": "member",
    "manager_id": "member", "department_id": "department", "file_id": "file", "faq_id": "faq",
    "record_id": "customer", "channel_id": "channel", "conversation_id": "conversation", "actor_id": "member",
    "assignee_id": "member", "to_member_id": "member", "from_member_id": "other_member",
    "endpoint_id": "endpoint", "manager_ids": "member", "department_ids": "department",
    "entry_ids": "entry", "contact_ids": "contact", "loss_reason_id": "loss_reason", "competitor_id": "competitor",
    "custom_field_id": "custom_field", "custom_field_ids": "custom_field",
}  # fmt: skip
# Where the same property names something else.
NAMED_BY_OPERATION = {
    ("customers_create", "parent_id"): "customer", ("customers_update", "parent_id"): "other_customer",
    ("departments_create", "parent_id"): "department", ("departments_move", "parent_id"): "other_department",
    ("members_update", "manager_id"): "other_member",
    ("knowledge_import", "file_id"): "import_file", ("faqs_set_states", "ids"): "faq",
    ("notifications_read", "ids"): "notification", ("bulk_edits_create", "ids"): "customer",
    ("handovers_preview", "from_member_id"): "member", ("handovers_create", "from_member_id"): "member",
    ("handovers_create", "member_ids"): "other_member", ("handovers_preview", "member_ids"): "other_member",
    ("handovers_create", "record_ids"): "customer", ("handovers_preview", "record_ids"): "customer",
    ("handovers_create", "member_id"): "other_member", ("handovers_preview", "member_id"): "other_member",
    ("handovers_create", "pool_id"): "pool", ("handovers_preview", "pool_id"): "pool",
    ("pools_put", "record_ids"): "lead", ("exports_create", "ids"): "customer",
    ("pipelines_order", "ids"): "pipeline", ("stages_order", "ids"): "first_stage",
    ("loss_reasons_order", "ids"): "loss_reason", ("stages_merge", "into_id"): "second_stage",
    ("activities_check_in", "file_id"): "photo",
    ("duplicates_compare", "ids"): "customer", ("duplicate_merges_create", "winner_id"): "customer",
    ("duplicate_merges_create", "loser_ids"): "met_customer", ("duplicates_join", "record_id"): "met_customer",
    ("transfer_requests_create", "record_id"): "met_customer",
}  # fmt: skip
# Ids that are not of this tenant's records.
NO_RECORDS = {"app_id", "original_id", "template_id", "request_id"}
# What the schema alone does not tell.
OVERRIDES: dict[str, dict[str, Any]] = {
    "leads_create": {"name": "New"},
    "leads_state": {"state": "contacting"},
    "conversations_lead": {"name": "New"},
    "conversations_send": {"text": "hello"},
    "conversations_link": {},
    "activities_check_in": {"address": "here"},
    "activities_result": {"outcome": "positive"},
    "activities_create": {"record_kind": "customer", "body": "text"},
    "roles_create": {"code": "fresh", "name": "Fresh", "grants": {}},
    "invitations_create": {"email": "fresh@example.com", "roles": ["rep"]},
    "api_keys_create": {"permissions": ["lead.read"]},
    "domains_create": {"host": "fresh.example.org"},
    "pipelines_create": {"stages": [{"name": kind, "kind": kind} for kind in ("open", "won", "lost")]},
    "channels_create": {"kind": "web"},
    "gaps_answer": {"question": "A fresh question?", "answer": "Yes"},
    "faqs_create": {"question": "Another question?", "answer": "Yes"},
    "articles_create": {"title": "New", "body": "Text"},
    "notifications_read": {"ids": "@notification"},
    "assistant_preview": {"text": "hello"},
    "pool_locks_set": {"record_kind": "customer"},
    "pool_locks_release": {"record_kind": "customer"},
    "imports_check": {"mapping": ["name", "phone"]},
    "handovers_create": {"member_ids": "@other_member"},
    "exports_create": {"kind": "customer", "columns": ["name"]},
    "pools_claim": {"entry_ids": "@entry"},
    "bulk_edits_create": {"action": "archive", "ids": "@customer"},
    "pools_assign": {"entry_ids": "@entry"},
    "recycle_rules_draft": {"no_follow_up_days": 30},
    "billing_checkout": {"plan": "team", "seats": 20},
    "custom_fields_create": {"kind": "customer", "type": "text", "label": "Fresh"},
    "custom_fields_reorder": {"kind": "customer"},
    "records_share": {"subject": "department:1"},
    "records_reveal": {"field": "source"},
    "duplicates_compare": {"kind": "customer"},
    "duplicate_merges_create": {"kind": "customer", "chosen": {}},
    "duplicates_check": {"kind": "customer", "values": {"phone": MET_PHONE}},
    "duplicates_join": {"kind": "customer", "record_kind": "customer", "values": {"phone": MET_PHONE}},
    "transfer_requests_create": {"kind": "customer", "record_kind": "customer", "values": {"phone": MET_PHONE}},
    "transfer_requests_decide": {"accept": False},
    "duplicate_rules_update": {"kind": "customer", "entry": "manual", "action": "warn"},
    "delegations_create": {"starts_at": LATER, "ends_at": "2099-01-02T09:00:00Z"},
    "webhooks_create": {"url": "https://fresh.example.org/hook"},
    "webhooks_update": {"description": "fresh"},
}  # fmt: skip
UPLOADS = {
    "files_upload": ("a.txt", b"plain text", "text/plain"),
    "imports_upload": ("a.csv", "客户名称,电话\n新客户,13900009999\n".encode(), "text/csv"),
    "knowledge_import_preview": ("a.csv", SHEET.format("Upload").encode(), "text/csv"),
}
FORMS = {"imports_upload": {"kind": "customer"}}
Place = tuple[str, ...]
# What marks, in a place, a list of objects.
EACH = "[]"


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """Return the page's API as OpenAPI."""
    return dict(internal_api().get_openapi_schema(path_prefix="/api/v1/"))


@lru_cache(maxsize=1)
def operations() -> dict[str, dict[str, Any]]:
    """Return operation id → its OpenAPI description."""
    return {
        operation["operationId"]: operation for methods in openapi()["paths"].values() for operation in methods.values()
    }


def resolved(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without reference and without null."""
    if "$ref" in schema:
        return resolved(openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return resolved(next(part for part in schema[union] if part.get("type") != "null"))
    if "allOf" in schema:
        return resolved(schema["allOf"][0])
    return dict(schema)


def body_schema(operation_id: str) -> dict[str, Any] | None:
    """Return the schema of an operation's JSON body, None when it takes none."""
    content = operations().get(operation_id, {}).get("requestBody", {}).get("content", {})
    return resolved(content["application/json"]["schema"]) if "application/json" in content else None


def is_id(name: str) -> bool:
    """Return whether a property or a filter names a record."""
    return name == "ids" or (name.endswith(("_id", "_ids")) and name not in NO_RECORDS)


def query_of(operation_id: str) -> list[dict[str, Any]]:
    """Return the parameters of an operation's query."""
    return [part for part in operations().get(operation_id, {}).get("parameters", []) if part.get("in") == "query"]


def named(operation_id: str, name: str) -> str:
    """Return what an id names; raise KeyError for one that nobody has thought of."""
    return NAMED_BY_OPERATION.get((operation_id, name)) or NAMES[name]


def id_places(operation_id: str) -> list[Place]:
    """Return the places in an operation's body that hold ids of records."""
    schema = body_schema(operation_id)
    return list(_places(schema, ())) if schema else []


def _places(schema: Mapping[str, Any], above: Place) -> Iterator[Place]:
    for name, part in schema.get("properties", {}).items():
        inner = resolved(part)
        if is_id(name) and inner.get("type") in {"integer", "array"}:
            yield (*above, name)
        elif inner.get("properties"):
            yield from _places(inner, (*above, name))
        elif inner.get("type") == "array" and f"{name}{EACH}" not in above:
            # A shape that holds itself is entered once.
            yield from _places(resolved(inner["items"]), (*above, f"{name}{EACH}"))


class Bodies:
    """Makes bodies that name the ids of one seeding."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids

    def make(self, operation_id: str) -> dict[str, Any] | None:
        """Return a body that an operation takes, None when it takes none."""
        schema = body_schema(operation_id)
        if schema is None:
            return None
        body = self._object(operation_id, schema)
        if not body:
            body = self._something(schema)
        body |= deepcopy(OVERRIDES.get(operation_id, {}))
        return {name: self._meant(value) for name, value in body.items()}

    def _meant(self, value: Any) -> Any:
        """Return a value; `@name` is a list with the id of that name."""
        return [self.ids[value[1:]]] if isinstance(value, str) and value.startswith("@") else value

    def _object(self, operation_id: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._value(operation_id, name, resolved(schema["properties"][name]))
            for name in schema.get("required", [])
        }

    @staticmethod
    def _something(schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return a change for a body of which nothing is required."""
        for name in ("name", "title", "question", "description", "subject"):
            if resolved(schema.get("properties", {}).get(name, {})).get("type") == "string":
                return {name: f"Changed {name}?"}
        return {}

    def _value(self, operation_id: str, name: str, schema: Mapping[str, Any]) -> Any:
        if is_id(name):
            pk = self.ids[named(operation_id, name)]
            return [pk] if schema.get("type") == "array" else pk
        if "enum" in schema or "const" in schema:
            return schema.get("const") or next(value for value in schema["enum"] if value != "")
        simple: dict[str, Any] = {"boolean": False, "integer": int(schema.get("minimum", 1)), "number": 1.0}
        kind = schema.get("type", "object")
        if kind == "string":
            return LATER if schema.get("format") == "date-time" else "fresh text"
        if kind == "array":
            number = schema.get("minItems", 0)
            return [self._value(operation_id, name, resolved(schema["items"])) for _ in range(number)]
        return simple[kind] if kind in simple else self._object(operation_id, schema)

    def with_id(self, operation_id: str, body: Mapping[str, Any], place: Place, pk: int) -> dict[str, Any]:
        """Return the body with an id put at a place; what stands around it is made when it is missing."""
        schema = body_schema(operation_id)
        assert schema is not None
        changed = deepcopy(dict(body))
        inner: dict[str, Any] = changed
        for step in place[:-1]:
            name = step.removesuffix(EACH)
            schema = resolved(schema["properties"][name])
            if step.endswith(EACH):
                schema = resolved(schema["items"])
                inner[name] = [self._object(operation_id, schema)]
                inner = inner[name][0]
                continue
            if not isinstance(inner.get(name), dict):
                inner[name] = self._object(operation_id, schema)
            inner = inner[name]
        kind = resolved(schema["properties"][place[-1]])
        inner[place[-1]] = [pk] if kind.get("type") == "array" else pk
        if place[-1] == "record_id":
            inner["record_kind"] = "customer"
        return changed


def upload(operation_id: str) -> dict[str, Any] | None:
    """Return the form of an operation that takes a file."""
    if operation_id not in UPLOADS:
        return None
    return {"file": SimpleUploadedFile(*UPLOADS[operation_id]), **FORMS.get(operation_id, {})}
