"""What the files' API gives."""

from datetime import datetime

from ninja import Schema


class FileOut(Schema):
    """A file, and a short-lived link to its content."""

    id: int
    name: str
    size: int
    content_type: str
    purpose: str
    width: int | None
    height: int | None
    scan_state: str
    uploaded_by: int | None
    created_at: datetime
    url: str
    inline_url: str | None
