"""Events of custom fields."""

CUSTOM_FIELD_CHANGED = "custom_field.changed"
LAYOUT_CHANGED = "record_layout.changed"
