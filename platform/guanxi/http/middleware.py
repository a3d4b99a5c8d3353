"""Middleware of every request: its identity, health answers, and sessions only where a tenant is."""

import re
import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse

from guanxi.common.context import RequestInfo, set_request_info
from guanxi.common.errors import Problem
from guanxi.common.ids import new_token
from guanxi.http.health import readiness
from guanxi.http.problems import problem_response

GetResponse = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"^[A-Za-z0-9_.-]{8,64}$")


def client_ip(request: HttpRequest) -> str:
    """Return the caller's address as the nearest trusted proxy saw it."""
    proxies = getattr(settings, "GUANXI_PROXIES", 0)
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(forwarded) >= proxies:
        return str(forwarded[-proxies])
    return str(request.META.get("REMOTE_ADDR", ""))


class RequestContextMiddleware:
    """Gives the request an id, and answers with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the context, answer, clear it."""
        given = request.headers.get("X-Request-Id", "")
        request_id = given if REQUEST_ID.match(given) else new_token("r", 12)
        confirms = frozenset(request.headers.get("X-Confirm", "")[:200].replace(",", " ").split())
        agent = request.headers.get("User-Agent", "")[:300]
        set_request_info(RequestInfo(request_id, client_ip(request), agent, confirms))
        try:
            response = self.get_response(request)
        finally:
            set_request_info(None)
        response.headers["X-Request-Id"] = request_id
        return response


class HealthMiddleware:
    """Answers the probes on any host, before anything asks which tenant it is."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, or pass on."""
        if request.path == "/livez":
            return JsonResponse({"status": "ok"})
        if request.path in {"/readyz", "/startupz"}:
            faults = readiness()
            return JsonResponse(
                {"status": "ok" if not faults else "not ready", "faults": faults}, status=503 if faults else 200
            )
        return self.get_response(request)


def _has_tenant(request: HttpRequest) -> bool:
    return getattr(request, "tenant", None) is not None


class TenantSessionMiddleware(SessionMiddleware):
    """Sessions live in the tenant's schema; the base site has none."""

    def process_request(self, request: HttpRequest) -> None:
        """Load the session on a tenant's host."""
        if _has_tenant(request):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Save the session on a tenant's host."""
        return super().process_response(request, response) if hasattr(request, "session") else response


class TenantAuthenticationMiddleware(AuthenticationMiddleware):
    """Loads the user on a tenant's host."""

    def process_request(self, request: HttpRequest) -> None:
        """Load lazily, as Django does."""
        if hasattr(request, "session"):
            super().process_request(request)


class MethodProblemMiddleware:
    """Answers a method that an operation does not have as the API answers everything: with problem+json."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; put the refusal into its form, with the methods that there are."""
        response = self.get_response(request)
        if response.status_code != 405 or not request.path.startswith("/api/"):
            return response
        refusal = problem_response(
            Problem("method_not_allowed", status=405, detail="The operation has no such method; see the Allow header.")
        )
        refusal.headers["Allow"] = response.headers.get("Allow", "")
        return refusal


class ContentSecurityPolicyMiddleware:
    """Sends a strict policy with a nonce; a view that needs another one sets the header itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Make the nonce, answer, add the header."""
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        if "Content-Security-Policy" not in response.headers and response.headers.get("Content-Type", "").startswith(
            "text/html"
        ):
            response.headers["Content-Security-Policy"] = (
                f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
                "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; "
                "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; "
                "frame-ancestors 'none'"
            )
        return response
