"""A workspace of the first release, with people at work in it, takes every later migration without an unsafe step."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from guanxi.tenancy.raw import raw_schema
from tenants.workspaces.provisioning import schemas

pytestmark = pytest.mark.usefixtures("database")
OURS = ("guanxi.", "tenants.", "crm.", "bots.", "billing.")
# What the first release had in a workspace's schema; apps that came later begin with their first migration.
FIRST_RELEASE = {
    "accounts", "activities", "assistant", "audit", "channels", "conversations", "customers", "deals", "files", "http",
    "jobs", "knowledge", "leads", "members", "notifications", "outreach", "realtime", "records", "workday",
}  # fmt: skip


def _labels() -> set[str]:
    return {config.label for config in apps.get_app_configs() if config.name.startswith(OURS)}


@pytest.mark.committed
@pytest.mark.slow
def test_a_workspace_of_the_first_release_is_upgraded_by_safe_steps() -> None:
    schemas.create_schema("first_release")
    with raw_schema("first_release"):
        with connection.schema_editor() as editor:
            editor.create_model(MigrationRecorder(connection).Migration)
        executor = MigrationExecutor(connection)
        ours = _labels()
        first = [
            node
            for node in executor.loader.graph.nodes
            if (node[0] in FIRST_RELEASE and node[1].startswith("0001"))
            or (node[0] not in ours and node in executor.loader.graph.leaf_nodes(node[0]))
        ]
        with schemas._plain_editor():
            executor.migrate(first)
    later = schemas.wanted_migrations() - schemas.applied_migrations("first_release")
    assert {app for app, _ in later} & ours, "nothing came after the first release, or all of it was applied already"
    # Guarded: an unsafe step raises.
    assert schemas.migrate_schema("first_release") is True
    assert schemas.is_current("first_release")
