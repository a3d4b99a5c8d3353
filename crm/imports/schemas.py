"""What the API of imports and exports takes and gives."""

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from crm.records.schemas import MemberBrief

Kind = Literal["customer", "contact", "lead", "deal"]
Format = Literal["csv", "xlsx"]


class KindQuery(Schema):
    """The kind of records that is asked about."""

    kind: Kind


class TemplateQuery(Schema):
    """Which template to make."""

    kind: Kind
    format: Format = "xlsx"
    locale: Literal["zh-CN", "en"] = "zh-CN"


class HistoryFilters(Schema):
    """Conditions on a list of imports or exports."""

    kind: Kind | None = None
    state: str | None = Field(None, max_length=20)


class TargetOut(Schema):
    """A place that a column can go to; `label` is empty for fields that the page has words for."""

    name: str
    kind: str
    field: str
    type: str
    label: str
    required: bool
    is_key: bool
    choices: list[str]


class ColumnOut(Schema):
    """A column that can be taken out; `masked` values are shown in part."""

    name: str
    type: str
    label: str
    masked: bool


class ImportOptions(Schema):
    """How a table is taken in."""

    match_keys: list[str] = Field(default_factory=list, max_length=4)
    on_match: Literal["skip", "fill", "overwrite", "create"] = "skip"
    bad_rows: Literal["skip", "stop"] = "skip"
    owner_rule: Literal["importer", "nobody", "turns"] = "importer"
    owner_ids: list[int] = Field(default_factory=list, max_length=100)
    tags: list[str] = Field(default_factory=list, max_length=20)
    source: str = Field(default="", max_length=80)


class ImportCheckIn(Schema):
    """The target of each column, empty for none, and how the table is taken in."""

    mapping: list[str] = Field(max_length=200)
    options: ImportOptions = Field(default_factory=ImportOptions)


class SampleRow(Schema):
    """One of the first rows."""

    row: int
    cells: list[str]


class ImportBrief(Schema):
    """An import in the history."""

    id: int
    kind: str
    state: str
    member: MemberBrief | None
    file_name: str
    report: dict[str, Any]
    counts: dict[str, Any]
    job_id: int | None
    has_errors: bool
    may_undo: bool
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class ImportOut(ImportBrief):
    """An import with all that its page shows."""

    table: dict[str, Any]
    headers: list[str]
    mapping: list[str]
    options: ImportOptions
    sample: list[SampleRow]


class ExportIn(Schema):
    """What to take out: the rows that a list's filters show, or the chosen ones of them."""

    kind: Kind
    columns: list[str] = Field(min_length=1, max_length=200)
    format: Format = "xlsx"
    filters: dict[str, Any] = Field(default_factory=dict)
    ids: list[int] | None = Field(None, max_length=10_000)


class ExportOut(Schema):
    """An export in the history; its file is there until `expires_at`, for who made it."""

    id: int
    kind: str
    state: str
    member: MemberBrief | None
    format: str
    columns: list[str]
    filters: dict[str, Any]
    chosen: int | None
    rows: int
    job_id: int | None
    has_file: bool
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


class FileLink(Schema):
    """A link to a file that works for some minutes."""

    url: str
    name: str
