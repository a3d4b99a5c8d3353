"""The one page of accounts that is not the console's: the way from the base host into the workspace."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.cache import never_cache

from guanxi.tenancy import current_tenant
from tenants.accounts.services import sign_in_by_hand_over


@never_cache
def hand_over(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in by a single-use token and go to the first page.

    A token that is worth nothing leads to the sign-in page.
    """
    response = sign_in_by_hand_over(request, token) if current_tenant() is not None and len(token) <= 100 else None
    if response is None:
        where = "/sign-in?reason=hand_over_ended" if current_tenant() is not None else "/"
        response = HttpResponseRedirect(where)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


urlpatterns = [path("hand-over/<str:token>", hand_over, name="hand_over")]
