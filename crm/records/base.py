"""The abstract base of every business record."""

from django.db import models

from guanxi.common.models import Timestamped


class Record(Timestamped):
    """What every business record has in common.

    `owner_department_path` is the owner's department when the record came to that owner; the scope of a permission
    reads these two columns and nothing else. `version` rises with each change, for optimistic locking. `custom` holds
    the values of custom fields by key.
    """

    owner = models.ForeignKey("members.Member", null=True, on_delete=models.PROTECT, related_name="+")
    owner_department_path = models.TextField(default="", blank=True)
    source = models.TextField(default="", blank=True)
    tags = models.JSONField(default=list, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)
    updated_by_id = models.BigIntegerField(null=True)
    archived_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField(null=True)
    next_action_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
