"""Auto numbers: one after the other, without a gap that a rolled-back record would leave."""

from datetime import date

from django.db import connection

from guanxi.common import clock
from guanxi.customfields.models import CustomField

PERIODS = {"": "", "year": "%Y", "month": "%Y%m", "day": "%Y%m%d"}


def next_number(field: CustomField, *, day: date | None = None) -> str:
    """Return the next number of a field. The counter's row is held until the transaction ends, so that two records
    made at once get two numbers, and one that fails gives its own back.
    """
    period = (day or clock.today()).strftime(PERIODS[str(field.config.get("period", ""))])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customfields_customcounter AS counter (field_id, period, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (field_id, period) DO UPDATE SET last = counter.last + 1 RETURNING last",
            [field.pk, period],
        )
        (number,) = cursor.fetchone()
    return number_text(field, period, number)


def number_text(field: CustomField, period: str, number: int) -> str:
    """Return a number as it is written: prefix, period, digits."""
    digits = int(field.config.get("digits", 4))
    return f"{field.config.get('prefix', '')}{f'{period}-' if period else ''}{number:0{digits}d}"
