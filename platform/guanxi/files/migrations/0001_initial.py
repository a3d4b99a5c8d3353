"""Stored files."""

import guanxi.common.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=guanxi.common.clock.now, editable=False)),
                ("name", models.TextField()),
                ("size", models.BigIntegerField()),
                ("content_type", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("purpose", models.TextField()),
                ("path", models.TextField()),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("scan_state", models.TextField()),
                ("uploaded_by", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("path",), name="one_file_a_path")],
            },
        ),
    ]
