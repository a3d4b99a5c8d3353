"""The index that equality on custom fields goes through."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_lists_at_size")]

    operations = [
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["custom"], name="customer_custom", opclasses=["jsonb_path_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["custom"], name="contact_custom", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
