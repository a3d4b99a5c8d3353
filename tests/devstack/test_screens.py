"""What the pictures are taken of, and that a fault of a page is complained of."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.bots.channels.web.browsing import chromium
from tests.devstack.page_faults import Watch, key_roots
from tests.devstack.screens import Route, file_name, resolve, routes

PHONE: ViewportSize = {"width": 390, "height": 844}
ROOTS = ("deals", "ui", "errors")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,"><style>body {{ margin: 0; font: 16px sans-serif }}</style></head>
<body><main><h1>Deals</h1>{body}</main></body></html>"""
CLEAN = """<p>Everything is in its place: guanxi.example.com, deal.created, home@deals.example.com.</p>
<p><code>deals.in_code</code></p>
<div style="overflow-x: auto" tabindex="0" role="region" aria-label="Table"><p style="width: 900px">wide</p></div>
<p style="overflow: hidden; text-overflow: ellipsis; white-space: nowrap">{long}</p>
<button style="color: #111; background: #fff">Save</button>""".format(long="a long line " * 30)
# What the console's page looks like to who asks it for its addresses.
ROUTER = """<div id="app"></div><script>document.querySelector("#app").__vue_app__ = { config: { globalProperties: {
  $router: { getRoutes: () => [
    { name: "inbox", path: "/inbox/:id(\\\\d+)?", meta: {} },
    { path: "/settings", meta: {} },
    { name: "settings", path: "/settings", redirect: {}, meta: {} },
    { name: "team", path: "/settings/team", meta: {} },
    { name: "sign-in", path: "/sign-in", meta: { open: true } },
    { name: "not-found", path: "/:rest(.*)*", meta: {} },
  ] } } } }</script>"""
FAULTS = {
    "wide": (
        '<div style="width: 700px; background: #eee">wide</div>',
        "overflows sideways: 700 px in a window of 390 px",
    ),
    "cut": (
        '<div style="position: fixed; inset: 0; overflow: hidden">'
        '<p style="margin-left: 360px; width: 90px">gone</p></div>',
        "cut off: <p> gone",
    ),
    "half": (
        '<div style="width: 200px; overflow: hidden; white-space: nowrap">'
        '<button style="margin-left: 150px; width: 90px">Send</button></div>',
        "cut off: <button> Send",
    ),
    "key": ("<p>deals.no_such_word</p>", "raw key: deals.no_such_word"),
    "label": ('<button aria-label="ui.close_it">x</button>', "raw key: ui.close_it"),
    "contrast": (
        '<p style="color: #bbb; background: #fff">pale</p>',
        "color-contrast (serious): p [#bbbbbb on #ffffff",
    ),
    "name": ("<button></button>", "button-name (critical): button"),
    "console": ("<script>console.error('the line broke')</script>", "console error: the line broke"),
    "script": ("<script>nothing.at.all()</script>", "page error: nothing is not defined"),
    "missing": ("<img alt='' src='/not-there.png'>", "console error: Failed to load resource"),
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a clean page, and one with each fault."""
    folder = tmp_path_factory.mktemp("site")
    for name, body in {"clean": CLEAN, **{name: body for name, (body, _) in FAULTS.items()}}.items():
        (folder / f"{name}.html").write_text(PAGE.format(title="Guanxi", body=body))
    (folder / "title.html").write_text(PAGE.format(title="deals.no_title", body=""))
    (folder / "router.html").write_text(ROUTER)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser for these tests alone: a driven one must not outlive them."""
    with chromium() as started:
        yield started


def complaints(browser: Browser, address: str, *, narrow: bool = True) -> list[str]:
    """Return what is said about the page."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    watch = Watch(page, ROOTS)
    page.goto(address, wait_until="networkidle")
    found = watch.faults(narrow=narrow)
    context.close()
    return found


def test_a_sound_page_is_passed(browser: Browser, site: str) -> None:
    assert complaints(browser, f"{site}/clean.html") == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_complained_of(browser: Browser, site: str, name: str) -> None:
    found = complaints(browser, f"{site}/{name}.html")
    assert [line for line in found if line.startswith(FAULTS[name][1])], found


def test_the_name_of_the_page_is_read_too(browser: Browser, site: str) -> None:
    assert complaints(browser, f"{site}/title.html") == ["raw key: deals.no_title"]


def test_a_refused_made_up_link_is_no_fault(browser: Browser, site: str) -> None:
    page = browser.new_page()
    watch = Watch(page, ROOTS, expects_refusals=True)
    page.goto(f"{site}/missing.html", wait_until="networkidle")
    assert watch.faults(narrow=True) == []
    page.context.close()


def test_complaints_belong_to_the_page_that_earned_them(browser: Browser, site: str) -> None:
    page = browser.new_page()
    watch = Watch(page, ROOTS)
    page.goto(f"{site}/console.html", wait_until="networkidle")
    assert watch.faults(narrow=False)
    page.goto(f"{site}/clean.html", wait_until="networkidle")
    assert watch.faults(narrow=False) == []
    page.context.close()


def test_pages_are_read_from_the_running_router(browser: Browser, site: str) -> None:
    assert routes(browser, f"{site}/router.html") == [
        Route("/inbox"),
        Route("/inbox/:id(\\d+)"),
        Route("/settings/team"),
        Route("/sign-in", open=True),
    ]


def test_name_spaces_are_the_folders_with_catalogs(tmp_path: Path) -> None:
    for folder in ("features/deals", "shell"):
        (tmp_path / folder / "locales").mkdir(parents=True)
        (tmp_path / folder / "locales" / "en.json").write_text("{}")
    assert key_roots(tmp_path) == ("deals", "errors", "shell", "ui")


def test_a_record_page_is_found_by_a_link_to_it() -> None:
    links = {"/leads", "/leads/12/notes", "/leads/12?tab=files", "/customers/9"}
    assert resolve(Route("/leads"), set()) == "/leads"
    assert resolve(Route("/leads/:id"), links) == "/leads/12?tab=files"
    assert resolve(Route("/leads/:id(\\d+)/notes"), links) == "/leads/12/notes"
    assert resolve(Route("/deals/:id"), links) is None


def test_a_link_that_comes_by_mail_is_made_up() -> None:
    assert resolve(Route("/join/:token", open=True), set()) == "/join/made-up-link"


def test_pictures_are_named_after_their_page() -> None:
    assert file_name("http://acme.localhost:8000", "/leads/:id") == "acme-leads-id"
    assert file_name("http://localhost:8000/", "/") == "localhost"
