"""The fields of customers and contacts."""

from crm.records.fields import COMMON_FIELDS, DataClass, FieldType, RecordField, register_fields

PERSONAL = DataClass.PERSONAL
CUSTOMER_CATALOGUE = (
    RecordField("name", FieldType.TEXT, required=True, filterable=True, sortable=True),
    RecordField("kind", FieldType.CHOICE, filterable=True, choices=("company", "person")),
    RecordField("level", FieldType.CHOICE, filterable=True, choices=("A", "B", "C")),
    RecordField("industry", FieldType.TEXT, filterable=True),
    RecordField("province", FieldType.TEXT, filterable=True),
    RecordField("city", FieldType.TEXT, filterable=True),
    RecordField("address", FieldType.TEXT, maskable=True, data_class=PERSONAL),
    RecordField("website", FieldType.LINK),
    RecordField("phone", FieldType.PHONE, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("email", FieldType.EMAIL, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("description", FieldType.LONG_TEXT),
    RecordField("parent_id", FieldType.RELATION, filterable=True, relation="customer"),
    *COMMON_FIELDS,
)
CONTACT_CATALOGUE = (
    RecordField("name", FieldType.TEXT, required=True, filterable=True, sortable=True, data_class=PERSONAL),
    RecordField("title", FieldType.TEXT, filterable=True),
    RecordField("phone", FieldType.PHONE, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("email", FieldType.EMAIL, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("wechat", FieldType.TEXT, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("birthday", FieldType.DATE, filterable=True, maskable=True, data_class=PERSONAL),
    RecordField("description", FieldType.LONG_TEXT, data_class=PERSONAL),
    *COMMON_FIELDS,
)


def register() -> None:
    """Register both catalogues."""
    register_fields("customer", CUSTOMER_CATALOGUE)
    register_fields("contact", CONTACT_CATALOGUE)
