"""
`guanxi screens`: every page of the console in two sizes, two languages and two themes, in var/screens.

Each page is looked over while it stands there (tests/devstack/page_faults.py); one complaint, and the command fails.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, StorageState, ViewportSize, sync_playwright

from guanxi.config.devstack.browser import FLAGS, chromium_path
from guanxi.config.devstack.places import Places, StackError, default_places
from guanxi.config.devstack.progress import Progress
from guanxi.config.devstack.stack import running_stack
from tests.devstack.page_faults import Watch, key_roots

SIZES: dict[str, ViewportSize] = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh-CN", "en")
THEMES = ("light", "dark")
CONSOLE = Path("frontend/apps/console/src")
# The router of the running page knows the addresses, children of layouts included; a route without a name is a layout.
ROUTES = """() => document.querySelector("#app").__vue_app__.config.globalProperties.$router.getRoutes()
  .filter((route) => route.name && !route.redirect && route.name !== "not-found")
  .map((route) => [route.path, Boolean(route.meta.open)])"""
PARAMETER = re.compile(r":\w+(\([^)]*\))?")
MADE_UP = "made-up-link"
OK = 200
CHOOSE_LANGUAGE = """async (locale) => {
  const token = (document.cookie.match(/gx_csrf=([^;]+)/) || [])[1] || "";
  const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
  const body = JSON.stringify({ locale });
  return (await fetch("/api/v1/session/profile", { method: "PATCH", headers, body })).status;
}"""
DEMO_SECONDS = 600.0
QUIET_MILLISECONDS = 5000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", default="", help="only pages whose address contains this")
    parser.add_argument("--quick", action="store_true", help="one language and one theme only")


def run(args: argparse.Namespace) -> int:
    places, progress = default_places(), Progress()
    try:
        with running_demo(places, progress):
            shoot = Shooting(places, progress, only=args.only, quick=args.quick)
            shoot.all()
    except StackError as error:
        progress.fail(error.what, lines=error.lines, remedy=error.remedy)
        return 1
    for complaint in shoot.complaints:
        progress.say(f"  ! {complaint}")
    for path in sorted(shoot.unseen):
        progress.say(f"  - nothing links to {path}: not looked at")
    progress.say(f"\n{shoot.taken} pictures are in {shoot.folder}, {len(shoot.complaints)} complaints")
    return 1 if shoot.complaints else 0


@contextmanager
def running_demo(places: Places, progress: Progress) -> Iterator[None]:
    """The demo that runs already, or one for the time of the pictures."""
    if running_stack(places) is not None and places.demo_json.exists():
        yield
        return
    progress.begin("Starting the demo")
    log = places.state / "log" / "screens-demo.log"
    places.prepare()
    with log.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "guanxi.config.cli", "demo", "--tied"], stdout=output, stderr=output
        )
        try:
            deadline = time.monotonic() + DEMO_SECONDS
            while "Ctrl-C stops it" not in log.read_text(errors="replace"):
                if demo.poll() is not None or time.monotonic() > deadline:
                    raise StackError(
                        "The demo did not start.", lines=log.read_text(errors="replace").splitlines()[-20:]
                    )
                progress.tick()
                time.sleep(0.2)
            progress.done("Starting the demo")
            yield
        finally:
            demo.terminate()
            demo.wait()


@dataclass(frozen=True)
class Look:
    """One way to look at a page."""

    size: str
    language: str
    theme: str

    @property
    def name(self) -> str:
        return f"{self.size}-{self.language}-{self.theme}"


@dataclass(frozen=True, order=True)
class Route:
    """An address of the console, as its router has it; the open ones need no session."""

    path: str
    open: bool = False


@dataclass
class Shooting:
    """Goes through all pages in all looks."""

    places: Places
    progress: Progress
    only: str = ""
    quick: bool = False
    taken: int = 0
    complaints: list[str] = field(default_factory=list)
    unseen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.folder = self.places.checkout / "var" / "screens"
        self.demo: dict[str, Any] = json.loads(self.places.demo_json.read_text())
        self.roots = key_roots(self.places.checkout / CONSOLE)

    def all(self) -> None:
        looks = [
            Look(*parts)
            for parts in product(SIZES, LANGUAGES[: 1 if self.quick else 2], THEMES[: 1 if self.quick else 2])
        ]
        base, workspace = self.demo["base_url"], self.demo["tenants"][0]["url"]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium_path(self.places)), args=list(FLAGS))
            signed_in = self._sign_in(browser)
            on_base, inside = routes(browser, base), routes(browser, workspace, signed_in)
            doors = [route for route in inside if route.open]
            rooms = [route for route in inside if not route.open]
            for look in looks:
                began, before = time.monotonic(), self.taken
                # Inside, the page speaks the language that the person chose, whatever the browser says.
                speak(browser, look.language, workspace, signed_in)
                self._shoot(browser, look, base, on_base, None)
                self._shoot(browser, look, workspace, doors, None)
                self._shoot(browser, look, workspace, rooms, signed_in)
                self.progress.done(look.name, f"{self.taken - before} pictures", since=began)
            speak(browser, LANGUAGES[0], workspace, signed_in)
            browser.close()

    def _sign_in(self, browser: Browser) -> StorageState:
        tenant = self.demo["tenants"][0]
        user = tenant["users"][0]
        page = browser.new_page()
        page.goto(tenant["url"].rstrip("/") + "/sign-in")
        page.fill("input[name=username]", user["email"])
        page.fill("input[name=password]", user["password"])
        page.press("input[name=password]", "Enter")
        try:
            page.wait_for_url(lambda url: "/sign-in" not in url, timeout=15_000)
        except Error:
            raise StackError(
                f"{user['email']} could not sign in at {tenant['url']}.", lines=[page.inner_text("body")[:500]]
            ) from None
        state = page.context.storage_state()
        page.context.close()
        return state

    def _shoot(self, browser: Browser, look: Look, url: str, paths: list[Route], state: StorageState | None) -> None:
        context = open_context(browser, look, state)
        page = context.new_page()
        watch = Watch(page, self.roots)
        links: set[str] = set()
        for route in sorted(
            paths, key=lambda route: ":" in route.path
        ):  # pages of one record are found by links to them
            address = resolve(route, links)
            if address is None:
                self.unseen.add(route.path)
            if address is None or self.only not in address:
                continue
            watch.expects_refusals = MADE_UP in address
            picture = self.folder / look.name / f"{file_name(url, route.path)}.png"
            for complaint in self._visit(page, watch, url.rstrip("/") + address, picture, narrow=look.size == "phone"):
                self.complaints.append(f"{address} ({look.name}): {complaint}")
            links |= set(page.eval_on_selector_all("a[href^='/']", "found => found.map(a => a.getAttribute('href'))"))
        context.close()

    def _visit(self, page: Page, watch: Watch, address: str, picture: Path, *, narrow: bool) -> list[str]:
        picture.parent.mkdir(parents=True, exist_ok=True)
        complaints: list[str] = []
        try:
            answer = page.goto(address)
            if answer is not None and not answer.ok:
                complaints.append(f"answers {answer.status}")
            page.wait_for_load_state("networkidle", timeout=QUIET_MILLISECONDS)
        except Error as error:
            if "Timeout" not in str(error):
                complaints.append(str(error).splitlines()[0])
        page.screenshot(path=picture, animations="disabled")
        self.taken += 1
        return [*complaints, *watch.faults(narrow=narrow)]


def open_context(browser: Browser, look: Look, state: StorageState | None) -> BrowserContext:
    """A context in this look, signed in if there is a state."""
    context = browser.new_context(
        viewport=SIZES[look.size],
        device_scale_factor=2 if look.size == "phone" else 1,
        has_touch=look.size == "phone",
        locale=look.language,
        color_scheme="dark" if look.theme == "dark" else "light",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        storage_state=state,
    )
    choices = {"guanxi.locale": look.language, "guanxi.theme": look.theme}
    context.add_init_script(
        f"for (const [key, value] of Object.entries({json.dumps(choices)})) localStorage.setItem(key, value)"
    )
    return context


def speak(browser: Browser, language: str, url: str, state: StorageState) -> None:
    """Let the person who is signed in choose a language."""
    context = browser.new_context(storage_state=state)
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("document.cookie.includes('gx_csrf=')")
    status = page.evaluate(CHOOSE_LANGUAGE, language)
    context.close()
    if status != OK:
        raise StackError(f"The language could not be changed to {language}: {status}.")


def routes(browser: Browser, url: str, state: StorageState | None = None) -> list[Route]:
    """The addresses of a site, as the console's own router names them."""
    context = browser.new_context(storage_state=state)
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("document.querySelector('#app')?.__vue_app__")
    found = {Route(each, is_open) for path, is_open in page.evaluate(ROUTES) for each in variants(path)}
    context.close()
    return sorted(found)


def variants(path: str) -> list[str]:
    """The address, or both that an optional last part stands for."""
    optional = re.fullmatch(r"(.*)(/:\w+(?:\([^)]*\))?)\?", path)
    return [path] if optional is None else [optional[1] or "/", optional[1] + optional[2]]


def resolve(route: Route, links: set[str]) -> str | None:
    """
    The address itself; for one with parameters the first link seen that fits it.

    Nothing links to what came by mail: such a door is opened with a made-up link, and shows that it is no good.
    """
    if ":" not in route.path:
        return route.path
    if route.open:
        return re.sub(PARAMETER, MADE_UP, route.path)
    shape = re.compile(re.sub(PARAMETER, r"[^/?#]+", route.path) + r"(?=$|[?#])")
    return next((link for link in sorted(links) if shape.match(link)), None)


def file_name(url: str, path: str) -> str:
    host = re.sub(r"^https?://|:\d+.*$", "", url).partition(".localhost")[0]
    return re.sub(r"[^\w-]+", "-", f"{host}{path}").strip("-")
