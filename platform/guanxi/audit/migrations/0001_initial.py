"""The audit trail's table and the trigger that keeps it as it was written."""

import django.contrib.postgres.indexes
import guanxi.common.clock
from django.db import migrations, models


# The names are not qualified: each tenant's schema gets a function and a trigger of its own.
APPEND_ONLY = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('guanxi.eraser', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
"""
FREELY = """
DROP TRIGGER audit_append_only ON audit_auditentry;
DROP FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=guanxi.common.clock.now)),
                ("actor_kind", models.TextField()),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.TextField(default="")),
                ("reason", models.TextField(default="")),
                ("action", models.TextField()),
                ("kind", models.TextField()),
                ("record_id", models.BigIntegerField()),
                ("changes", models.JSONField(default=dict)),
                ("request_id", models.TextField(default="")),
                ("ip", models.GenericIPAddressField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "record_id", "-id"], name="audit_by_record"),
                    models.Index(
                        condition=models.Q(("actor_id__isnull", False)),
                        fields=["actor_id", "-id"],
                        name="audit_by_actor",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="audit_by_time"),
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, FREELY),
    ]
