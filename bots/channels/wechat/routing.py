"""On the base host the app id in the path alone chooses the tenant."""

from django.http import HttpRequest

from bots.channels.wechat.types import APP_ID, ROUTE_KIND
from guanxi.tenancy import TenantRef
from tenants.workspaces.selectors import resolve_route

PREFIX = "/wechat/"


def tenant_of_callback(request: HttpRequest) -> TenantRef | None:
    """Return the tenant of `/wechat/wx…`, None when nobody has connected the account."""
    app_id = request.path.removeprefix(PREFIX).strip("/")
    return resolve_route(ROUTE_KIND, app_id) if APP_ID.match(app_id) else None
