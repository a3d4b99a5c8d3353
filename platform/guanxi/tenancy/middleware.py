"""Sets the tenant of a request from its host."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port

from guanxi.tenancy.context import public_scope, tenant_scope
from guanxi.tenancy.hosts import HostKind, resolve_host, tenant_of_request


class TenantMiddleware:
    """Opens the scope of the host's tenant round the request; an unknown host gets a page of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer inside the scope; the URL configuration follows the kind of host."""
        host, _ = split_domain_port(request.get_host())
        kind, tenant = resolve_host(host)
        if kind is HostKind.UNKNOWN:
            request.urlconf = settings.UNKNOWN_HOST_URLCONF
        elif kind is HostKind.BASE:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            tenant = tenant_of_request(request)
        request.tenant = tenant  # type: ignore[attr-defined]
        with tenant_scope(tenant) if tenant else public_scope():
            return self.get_response(request)
