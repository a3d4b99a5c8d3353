"""What a look for a domain's DNS record found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="domain",
            name="checked_at",
            field=models.DateTimeField(help_text="when the DNS record was last looked for", null=True),
        ),
        migrations.AddField(
            model_name="domain",
            name="finding",
            field=models.TextField(db_default="", default="", help_text="what was wrong then: a stable code"),
        ),
    ]
