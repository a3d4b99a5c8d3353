"""The tables of public pools, and the trigger that keeps their ledger as it was written."""

import django.db.models.deletion
import guanxi.common.clock
from django.db import migrations, models

# The names are not qualified: each tenant's schema gets a function and a trigger of its own.
APPEND_ONLY = """
CREATE FUNCTION pools_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('guanxi.eraser', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'the ledger of pools is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER pools_append_only BEFORE UPDATE OR DELETE ON pools_poolmove
    FOR EACH ROW EXECUTE FUNCTION pools_refuse_change();
"""
FREELY = """
DROP TRIGGER pools_append_only ON pools_poolmove;
DROP FUNCTION pools_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Pool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("name", models.TextField()),
                ("kind", models.TextField(choices=[("lead", "Lead"), ("customer", "Customer")])),
                ("position", models.PositiveIntegerField(default=0)),
                ("manager_ids", models.JSONField(default=list)),
                ("member_ids", models.JSONField(default=list)),
                ("department_ids", models.JSONField(default=list)),
                ("masked_fields", models.JSONField(default=list)),
                ("hidden_fields", models.JSONField(default=list)),
                ("return_reasons", models.JSONField(default=list)),
                ("daily_quota", models.PositiveIntegerField(null=True)),
                ("held_limit", models.PositiveIntegerField(null=True)),
                ("cooldown_days", models.PositiveIntegerField(default=0)),
                ("delay_hours", models.PositiveIntegerField(default=0)),
                ("view_limit", models.PositiveIntegerField(null=True)),
                ("protection_days", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("archived_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PoolMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pool_id", models.BigIntegerField(null=True)),
                ("kind", models.TextField()),
                ("record_id", models.BigIntegerField()),
                (
                    "action",
                    models.TextField(
                        choices=[
                            ("put", "Put"),
                            ("returned", "Returned"),
                            ("recycled", "Recycled"),
                            ("claimed", "Claimed"),
                            ("assigned", "Assigned"),
                            ("left", "Left"),
                            ("given_back", "Given Back"),
                            ("locked", "Locked"),
                            ("unlocked", "Unlocked"),
                            ("warned", "Warned"),
                        ]
                    ),
                ),
                ("from_owner_id", models.BigIntegerField(null=True)),
                ("to_owner_id", models.BigIntegerField(null=True)),
                ("actor_kind", models.TextField()),
                ("actor_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("rule_id", models.BigIntegerField(null=True)),
                ("rule_number", models.PositiveIntegerField(null=True)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=guanxi.common.clock.now)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["pool_id", "-at", "-id"], name="ledger_of_pool"),
                    models.Index(fields=["kind", "record_id", "-id"], name="ledger_of_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecycleRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("live", "Live"),
                            ("retired", "Retired"),
                            ("rolled_back", "Rolled Back"),
                        ],
                        default="draft",
                    ),
                ),
                ("terms", models.JSONField(default=dict)),
                ("note", models.TextField(blank=True, default="")),
                ("rehearsal_job_id", models.BigIntegerField(null=True)),
                ("rehearsed_at", models.DateTimeField(null=True)),
                ("activated_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                ("created_by_id", models.BigIntegerField(null=True)),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="pools.pool"
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="pools.recyclerule"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("record_id", models.BigIntegerField()),
                ("owner_id", models.BigIntegerField(null=True)),
                ("protected_until", models.DateTimeField(null=True)),
                ("locked_at", models.DateTimeField(null=True)),
                ("locked_until", models.DateTimeField(null=True)),
                ("locked_by_id", models.BigIntegerField(null=True)),
                ("lock_reason", models.TextField(blank=True, default="")),
                ("due_at", models.DateTimeField(null=True)),
                ("warned_days", models.PositiveSmallIntegerField(null=True)),
                (
                    "rule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="pools.recyclerule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ClaimQuota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("claimed", models.PositiveIntegerField(default=0)),
                ("viewed_ids", models.JSONField(default=list)),
                (
                    "pool",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pools.pool"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("member_id", "pool", "day"), name="one_quota_a_day")],
            },
        ),
        migrations.CreateModel(
            name="PoolEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.TextField()),
                ("record_id", models.BigIntegerField()),
                ("since", models.DateTimeField(default=guanxi.common.clock.now)),
                ("claimable_at", models.DateTimeField(default=guanxi.common.clock.now)),
                ("previous_owner_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="pools.pool"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["pool", "-since", "-id"], name="pool_newest")],
                "constraints": [models.UniqueConstraint(fields=("kind", "record_id"), name="one_pool_a_record")],
            },
        ),
        migrations.AddConstraint(
            model_name="recyclerule",
            constraint=models.UniqueConstraint(fields=("pool", "number"), name="one_rule_a_number"),
        ),
        migrations.AddConstraint(
            model_name="recyclerule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "live")), fields=("pool",), name="one_live_rule_a_pool"
            ),
        ),
        migrations.AddIndex(
            model_name="holding",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["owner_id", "due_at", "id"], name="holding_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.UniqueConstraint(fields=("kind", "record_id"), name="one_holding_a_record"),
        ),
        migrations.RunSQL(APPEND_ONLY, FREELY),
    ]
