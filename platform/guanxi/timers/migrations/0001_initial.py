"""The table of what is due."""

import guanxi.common.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Due",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tenant_id", models.BigIntegerField(null=True)),
                ("tenant_schema", models.TextField()),
                ("kind", models.TextField()),
                ("ref_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("payload", models.JSONField(default=dict)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("state", models.TextField(choices=[("waiting", "Waiting"), ("dead", "Dead")], default="waiting")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                ("error", models.TextField(default="")),
                ("created_at", models.DateTimeField(default=guanxi.common.clock.now)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "waiting")), fields=["at"], name="due_waiting"),
                    models.Index(condition=models.Q(("state", "dead")), fields=["id"], name="due_dead"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant_schema", "kind", "ref_id"), name="one_timer_a_thing")
                ],
            },
        ),
    ]
