"""Definitions of custom fields, their indexed values, unique keys and counters, and the layouts of record pages."""

from django.db import models

from guanxi.common.models import Timestamped
from guanxi.customfields.types import DataClass, ValueType


class CustomField(Timestamped):
    """A field that a tenant added to a kind of record; the values stand in the records' own `custom`.

    `key` never changes: programs and saved views name the field by it. `options` are `{id, label, label_en, colour,
    archived}`; `config` holds what the type needs: decimals and unit, currency, relation, formula and its result,
    prefix, digits and period. `show_when` is `{field, op, value}`. `indexed_at` is null while the records that were
    there before are still being worked into the table of values.
    """

    kind = models.TextField()
    key = models.TextField()
    type = models.TextField(choices=[(each.value, each.value) for each in ValueType])
    label = models.TextField()
    label_en = models.TextField(default="", blank=True)
    help_text = models.TextField(default="", blank=True)
    required = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    default = models.JSONField(null=True)
    options = models.JSONField(default=list)
    config = models.JSONField(default=dict)
    show_when = models.JSONField(null=True)
    filterable = models.BooleanField(default=False)
    searchable = models.BooleanField(default=False)
    data_class = models.TextField(default=DataClass.PLAIN)
    position = models.PositiveIntegerField(default=0)
    indexed_at = models.DateTimeField(null=True)
    job_id = models.BigIntegerField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_field_a_key")]

    @property
    def name(self) -> str:
        """The field's name among all fields of its kind."""
        return f"custom.{self.key}"

    @property
    def value_type(self) -> ValueType:
        """The type of the field."""
        return ValueType(self.type)

    @property
    def is_indexed(self) -> bool:
        """Whether the values stand in the table of values: filters need them, and files are found by their record."""
        return self.filterable or self.type == ValueType.FILE


class CustomValue(models.Model):
    """A value of a filterable field, typed, so that ranges and sorting have an index; a field of many choices has a
    row for each.
    """

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="+", db_index=False)
    record_id = models.BigIntegerField()
    text = models.TextField(null=True)
    number = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    moment = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["record_id", "field"], name="customvalue_record"),
            models.Index(
                fields=["field", "number", "record_id"],
                condition=models.Q(number__isnull=False),
                name="customvalue_number",
            ),
            models.Index(
                fields=["field", "moment", "record_id"],
                condition=models.Q(moment__isnull=False),
                name="customvalue_moment",
            ),
            models.Index(
                fields=["field", "text", "record_id"],
                condition=models.Q(text__isnull=False),
                opclasses=["int8_ops", "text_pattern_ops", "int8_ops"],
                name="customvalue_text",
            ),
        ]


class CustomUnique(models.Model):
    """The key of a unique value: the first record that has it holds the row."""

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="+", db_index=False)
    value = models.TextField()
    record_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "value"], name="one_record_a_value")]
        indexes = [models.Index(fields=["record_id", "field"], name="customunique_record")]


class CustomCounter(models.Model):
    """The last number that an auto number has given in a period."""

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="+", db_index=False)
    period = models.TextField()
    last = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "period"], name="one_counter_a_period")]


class RecordLayout(Timestamped):
    """How a kind's page is laid out, for everybody or for one role: `[{code, label, label_en, fields}]`."""

    kind = models.TextField()
    role = models.TextField(default="", blank=True)
    sections = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "role"], name="one_layout_a_role")]
