"""Job rows."""

import guanxi.common.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("kind", models.TextField()),
                ("params", models.JSONField(default=dict)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("message_code", models.TextField(default="")),
                ("message_params", models.JSONField(default=dict)),
                ("result", models.JSONField(default=dict)),
                ("result_file_id", models.BigIntegerField(null=True)),
                ("checkpoint", models.JSONField(default=dict)),
                ("member_id", models.BigIntegerField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("run_token", models.TextField(default="")),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("cancel_requested_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["member_id", "-id"], name="job_by_member")],
            },
        ),
    ]
