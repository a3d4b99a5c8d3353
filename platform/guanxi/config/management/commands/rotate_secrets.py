"""`rotate_secrets`: seals every secret again with the current key, the first of GUANXI_SECRET_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from guanxi.secrets import reseal_current_schema
from guanxi.tenancy import each_tenant, public_scope, tenant_scope


class Command(BaseCommand):
    """Safe to run again, and while the product runs. When it ended without a failure the old key may go."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Go through the public schema and all workspaces; one that fails does not stop the others."""
        failed = []
        with public_scope():
            self._report("public", reseal_current_schema())
            tenants = list(each_tenant())
        for tenant in tenants:
            try:
                with tenant_scope(tenant):
                    self._report(tenant.schema, reseal_current_schema())
            except Exception as fault:
                failed.append(tenant.schema)
                self.stderr.write(f"{tenant.schema}: {type(fault).__name__}: {fault}")
        if failed:
            raise CommandError(f"{len(failed)} workspaces still need the old key: {', '.join(failed)}")
        self.stdout.write("All secrets are sealed with the current key.")

    def _report(self, schema: str, changed: dict[str, int]) -> None:
        for column, count in changed.items():
            if count:
                self.stdout.write(f"{schema}: {column}: {count}")
