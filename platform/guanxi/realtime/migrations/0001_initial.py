"""Live events and their counter."""

import guanxi.common.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LiveCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("last_seq", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="LiveEvent",
            fields=[
                ("seq", models.BigIntegerField(primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("record_kind", models.TextField()),
                ("record_id", models.BigIntegerField()),
                ("data", models.JSONField(default=dict)),
                ("audience", models.JSONField()),
                ("at", models.DateTimeField(default=guanxi.common.clock.now)),
            ],
        ),
    ]
