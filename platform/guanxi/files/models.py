"""Stored files, in the tenant's schema."""

from django.db import models

from guanxi.common.models import Timestamped


class StoredFile(Timestamped):
    """A file on disk, in the tenant's folder. The content never changes."""

    name = models.TextField()
    size = models.BigIntegerField()
    content_type = models.TextField()
    sha256 = models.CharField(max_length=64)
    purpose = models.TextField()
    path = models.TextField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    scan_state = models.TextField()
    uploaded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path"], name="one_file_a_path")]
