"""The fields of leads."""

from crm.leads.models import Lead
from crm.records.fields import COMMON_FIELDS, DataClass, FieldType, RecordField, register_fields

PERSONAL = DataClass.PERSONAL
LEAD_CATALOGUE = (
    RecordField("name", FieldType.TEXT, filterable=True, data_class=PERSONAL),
    RecordField("company", FieldType.TEXT, filterable=True),
    RecordField("phone", FieldType.PHONE, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("email", FieldType.EMAIL, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("wechat", FieldType.TEXT, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("title", FieldType.TEXT),
    RecordField("city", FieldType.TEXT, filterable=True),
    RecordField("need", FieldType.LONG_TEXT, data_class=PERSONAL),
    RecordField("budget", FieldType.TEXT),
    RecordField("timing", FieldType.TEXT),
    RecordField("state", FieldType.CHOICE, editable=False, filterable=True, choices=tuple(Lead.State.values)),
    RecordField("score", FieldType.INTEGER, filterable=True, sortable=True),
    RecordField("response_due_at", FieldType.DATETIME, editable=False, importable=False, filterable=True),
    *COMMON_FIELDS,
)


def register() -> None:
    """Register the catalogue."""
    register_fields("lead", LEAD_CATALOGUE)
