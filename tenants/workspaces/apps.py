"""Registers tenants.workspaces with Django."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    """Workspaces (the tenants), their domains, provisioning and life cycle."""

    name = "tenants.workspaces"
    label = "workspaces"

    def ready(self) -> None:
        """Fill the kernel's ports: which tenants there are, and which one a host or a key means."""
        from guanxi.secrets import register_resealer, register_sealed_column
        from guanxi.tenancy import register_directory
        from guanxi.tenancy.hosts import register_host_lookup, register_request_tenant
        from tenants.workspaces import directory, looking_after, permissions  # noqa: F401
        from tenants.workspaces.services import finding
        from tenants.workspaces.services.signing_up import SEALED_FIELD

        register_sealed_column(
            "workspaces.SignUp", "form", field=SEALED_FIELD, row=lambda entry: str(entry.key), public=True
        )
        register_resealer("workspaces.find_by_email", finding.reseal_askers, public=True)
        register_directory(list_tenants=directory.list_tenants, find_tenant=directory.find_tenant)
        register_host_lookup(directory.find_by_host)
        register_request_tenant("/api/public/v1", directory.find_by_bearer)
