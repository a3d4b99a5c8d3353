"""Notifications and what each member wants to hear."""

import guanxi.common.clock
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                ("member_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("params", models.JSONField(default=dict)),
                ("record_kind", models.TextField(default="")),
                ("record_id", models.BigIntegerField(null=True)),
                ("dedupe_key", models.TextField(default="")),
                ("created_at", models.DateTimeField(default=guanxi.common.clock.now)),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member_id", "-id"], name="notification_by_member"),
                    models.Index(
                        condition=models.Q(("read_at__isnull", True)), fields=["member_id"], name="notification_unread"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("dedupe_key", ""), _negated=True),
                        fields=("member_id", "dedupe_key"),
                        name="one_notification_a_key",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationPreference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("in_app", models.BooleanField(default=True)),
                ("email", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("member_id", "kind"), name="one_preference_a_kind")],
            },
        ),
    ]
