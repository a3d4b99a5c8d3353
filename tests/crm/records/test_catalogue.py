"""The catalogue of fields fits the models, and every business record offers the same operations."""

import pytest

from crm.records.fields import fields_of
from crm.records.registry import record_kinds
from guanxi.access import Actor
from tests.people import Team

pytestmark = pytest.mark.usefixtures("alpha")
BUSINESS = ["contact", "customer", "deal", "lead"]
NEW = {"lead": {"phone": "13812345678"}}


def test_business_records_are_those_with_operations() -> None:
    assert sorted(kind for kind, known in record_kinds().items() if known.operations) == BUSINESS


@pytest.mark.parametrize("kind", BUSINESS)
def test_every_field_is_an_attribute_of_the_record(kind: str) -> None:
    columns = {field.attname for field in record_kinds()[kind].model._meta.concrete_fields}
    assert {name for name in fields_of(kind) if not name.startswith("custom.")} <= columns


@pytest.mark.parametrize("kind", BUSINESS)
def test_operations_make_change_give_archive_and_restore(kind: str, owner: Actor, team: Team) -> None:
    operations = record_kinds()[kind].operations
    assert operations is not None
    made = operations.create(actor=owner, values={"name": "云栖", **NEW.get(kind, {})}, owner_id=None)
    assert operations.update(actor=owner, record_id=made.pk, changes={"source": "展会"}, version=None).source == "展会"
    assert (
        operations.assign(actor=owner, record_id=made.pk, owner_id=team["rep"].member_id).owner_id
        == team["rep"].member_id
    )
    assert operations.archive(actor=owner, record_id=made.pk).archived_at is not None
    assert operations.restore(actor=owner, record_id=made.pk).archived_at is None
