"""The index that equality on custom fields goes through."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("deals", "0002_rules_and_depth")]

    operations = [
        migrations.AddIndex(
            model_name="deal",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["custom"], name="deal_custom", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
