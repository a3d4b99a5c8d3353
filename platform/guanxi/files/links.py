"""Short-lived links: whoever holds one may fetch that one file of that one tenant for some minutes."""

import math

from django.core import signing

from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.files.models import StoredFile
from guanxi.tenancy import require_tenant

SALT = "guanxi.files.link"
LIFETIME_SECONDS = 600
# Links of the same file stay the same for a while, so that the browser's cache knows them again.
STEP_SECONDS = 300
DOWNLOAD_PATH = "/api/v1/files/download/"


def download_url(stored: StoredFile, *, inline: bool = False) -> str:
    """Return a link for somebody who has been authorised; `inline` shows pictures and plays sound instead of saving
    them.
    """
    until = math.ceil((clock.now().timestamp() + LIFETIME_SECONDS) / STEP_SECONDS) * STEP_SECONDS
    return DOWNLOAD_PATH + signing.dumps([require_tenant().schema, stored.pk, until, int(inline)], salt=SALT)


def read_link(token: str) -> tuple[StoredFile, bool]:
    """Return the file of a link, and whether it is to be shown inline; raise NotFound for links that are forged, old
    or another tenant's.
    """
    try:
        schema, file_id, until, inline = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound("file", "") from None
    stored = None
    if schema == require_tenant().schema and until >= clock.now().timestamp():
        stored = StoredFile.objects.filter(pk=file_id).first()
    if stored is None:
        raise NotFound("file", "")
    return stored, bool(inline)
