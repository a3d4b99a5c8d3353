"""Files of a tenant: looked at before they are kept, kept apart by tenant, handed out by short-lived links."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.files.purposes import Purpose, register_purpose
from guanxi.files.scanning import register_scanner

if TYPE_CHECKING:
    from guanxi.files.links import download_url
    from guanxi.files.selectors import OpenedFile, access_file, open_file
    from guanxi.files.services import delete_file, store_file
    from guanxi.files.serving import file_response

__all__ = [
    "OpenedFile",
    "Purpose",
    "access_file",
    "delete_file",
    "download_url",
    "file_response",
    "open_file",
    "register_purpose",
    "register_scanner",
    "store_file",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "OpenedFile": "selectors",
        "access_file": "selectors",
        "delete_file": "services",
        "download_url": "links",
        "file_response": "serving",
        "open_file": "selectors",
        "store_file": "services",
    },
)
