"""The fields of deals."""

from crm.records.fields import COMMON_FIELDS, FieldType, RecordField, register_fields

DEAL_CATALOGUE = (
    RecordField("name", FieldType.TEXT, required=True, filterable=True),
    RecordField("customer_id", FieldType.RELATION, filterable=True, relation="customer"),
    RecordField("contact_id", FieldType.RELATION, filterable=True, relation="contact"),
    RecordField("pipeline_id", FieldType.RELATION, editable=False, filterable=True, relation="pipeline"),
    RecordField("stage_id", FieldType.RELATION, editable=False, filterable=True, relation="stage"),
    RecordField("amount", FieldType.MONEY, filterable=True, sortable=True),
    RecordField("currency", FieldType.TEXT),
    RecordField("expected_close_on", FieldType.DATE, filterable=True, sortable=True),
    RecordField("closed_at", FieldType.DATETIME, editable=False, filterable=True),
    RecordField("lost_reason", FieldType.TEXT, filterable=True),
    RecordField("description", FieldType.LONG_TEXT),
    *COMMON_FIELDS,
)


def register() -> None:
    """Register the catalogue."""
    register_fields("deal", DEAL_CATALOGUE)
