"""Where the bytes are: one folder a tenant, chosen by the context at each access."""

from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from guanxi.tenancy import require_tenant


class TenantStorage(FileSystemStorage):
    """Django's storage, whose root is the current tenant's folder. Nothing is remembered between two accesses."""

    def __init__(self) -> None:
        super().__init__(base_url=None, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> str:
        """Return the tenant's folder."""
        return str(Path(settings.FILES_DIR) / require_tenant().schema)

    @property
    def location(self) -> str:
        """Return the tenant's folder, absolute."""
        return str(Path(self.base_location).absolute())


storage = TenantStorage()
