"""The index that equality on custom fields goes through."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_lists_at_size")]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["custom"], name="lead_custom", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
