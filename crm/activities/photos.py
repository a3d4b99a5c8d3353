"""Who may open the photo of a visit."""

from typing import TYPE_CHECKING

from crm.activities.models import CheckIn
from crm.activities.selectors import access_activity
from guanxi.access import Actor
from guanxi.common.errors import NotFound

if TYPE_CHECKING:
    from guanxi.files.models import StoredFile


def may_open(actor: Actor, file: "StoredFile") -> bool:
    """Return whether the photo was taken on a visit that the actor may see."""
    entry = CheckIn.objects.filter(file_id=file.pk).first()
    if entry is None:
        return False
    try:
        access_activity(actor, entry.activity_id)
    except NotFound:
        return False
    return True
