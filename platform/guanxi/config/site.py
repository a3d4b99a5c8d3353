"""Serves the console: one page for every path of a site that is not an API."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from guanxi.common.errors import Problem
from guanxi.http.problems import problem_response

NOT_BUILT = """<!doctype html><meta charset="utf-8"><title>Guanxi</title>
<p>The page has not been built. Run <code>make demo</code>,
or <code>npm ci &amp;&amp; npm run build</code> in <code>frontend/</code>.</p>"""


@lru_cache(maxsize=1)
def _built_index(modified: float) -> str:
    return (settings.CONSOLE_DIST / "index.html").read_text(encoding="utf-8")


def _index() -> str | None:
    path = settings.CONSOLE_DIST / "index.html"
    return _built_index(path.stat().st_mtime) if path.is_file() else None


def _page(request: HttpRequest, site: str) -> HttpResponse:
    html = _index()
    if html is None:
        return HttpResponse(NOT_BUILT, status=503)
    nonce = getattr(request, "csp_nonce", "")
    html = html.replace("__CSP_NONCE__", nonce).replace("__GUANXI_SITE__", site)
    response = HttpResponse(html)
    response.headers["Cache-Control"] = "no-store"
    return response


def workspace_page(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any path of a workspace's host with the console, and set the CSRF cookie that its calls need."""
    get_token(request)
    return _page(request, "workspace")


def base_page(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer any path of the base host with the same console, which shows sign-up there."""
    return _page(request, "base")


def unknown_operation(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer a path of the API that does not exist as the API answers everything: with problem+json."""
    return problem_response(Problem("not_found", status=404, detail="There is no such operation."))


def unknown_host(request: HttpRequest, path: str = "") -> HttpResponse:
    """Say that there is no workspace at this host, and where to look for it."""
    return render(request, "guanxi/unknown_host.html", {"base_url": settings.GUANXI_BASE_URL}, status=404)
