"""`guanxi screens`: every page of the console in two sizes, two languages and two themes, in var/screens."""

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

SIZES: dict[str, ViewportSize] = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh-CN", "en")
THEMES = ("light", "dark")
FEATURES = Path("frontend/apps/console/src/features")
ROUTE = re.compile(r"""\bpath:\s*["']([^"']*)["']""")
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
    progress.say(f"\n{shoot.taken} pictures are in {shoot.folder}")
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


@dataclass
class Shooting:
    """Goes through all pages in all looks."""

    places: Places
    progress: Progress
    only: str = ""
    quick: bool = False
    taken: int = 0
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = self.places.checkout / "var" / "screens"
        self.demo: dict[str, Any] = json.loads(self.places.demo_json.read_text())
        self.base, self.workspace = routes(self.places.checkout / FEATURES)

    def all(self) -> None:
        looks = [
            Look(*parts)
            for parts in product(SIZES, LANGUAGES[: 1 if self.quick else 2], THEMES[: 1 if self.quick else 2])
        ]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium_path(self.places)), args=list(FLAGS))
            signed_in = self._sign_in(browser)
            for look in looks:
                began, before = time.monotonic(), self.taken
                self._shoot(browser, look, self.demo["base_url"], self.base, None)
                self._shoot(browser, look, self.demo["tenants"][0]["url"], self.workspace, signed_in)
                self.progress.done(look.name, f"{self.taken - before} pictures", since=began)
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

    def _shoot(self, browser: Browser, look: Look, url: str, paths: list[str], state: StorageState | None) -> None:
        context = open_context(browser, look, state)
        page = context.new_page()
        page.on("pageerror", lambda error: self._complain(look, page, str(error)))
        page.on(
            "console", lambda message: self._complain(look, page, message.text) if message.type == "error" else None
        )
        links: set[str] = set()
        for path in sorted(paths, key=lambda path: ":" in path):  # pages of one record are found by links to them
            address = resolve(path, links)
            if address is None or self.only not in address:
                continue
            self._visit(page, url.rstrip("/") + address, self.folder / look.name / f"{file_name(url, path)}.png")
            links |= set(page.eval_on_selector_all("a[href^='/']", "found => found.map(a => a.getAttribute('href'))"))
        context.close()

    def _visit(self, page: Page, address: str, picture: Path) -> None:
        picture.parent.mkdir(parents=True, exist_ok=True)
        try:
            answer = page.goto(address)
            if answer is not None and not answer.ok:
                self.complaints.append(f"{address} answers {answer.status}")
            page.wait_for_load_state("networkidle", timeout=QUIET_MILLISECONDS)
        except Error as error:
            if "Timeout" not in str(error):
                self.complaints.append(f"{address}: {error}")
        page.screenshot(path=picture, animations="disabled")
        self.taken += 1

    def _complain(self, look: Look, page: Page, text: str) -> None:
        self.complaints.append(f"{page.url} ({look.name}): {text.splitlines()[0][:200]}")


def open_context(browser: Browser, look: Look, state: StorageState | None) -> BrowserContext:
    """A context in this look, signed in if there is a state."""
    context = browser.new_context(
        viewport=SIZES[look.size],
        device_scale_factor=2 if look.size == "phone" else 1,
        has_touch=look.size == "phone",
        locale=look.language,
        color_scheme="dark" if look.theme == "dark" else "light",
        timezone_id="Asia/Shanghai",
        storage_state=state,
    )
    choices = {"guanxi.locale": look.language, "guanxi.theme": look.theme}
    context.add_init_script(
        f"for (const [key, value] of Object.entries({json.dumps(choices)})) localStorage.setItem(key, value)"
    )
    return context


def routes(features: Path) -> tuple[list[str], list[str]]:
    """The addresses of the start site and of a workspace, as the console's own route files name them."""
    base: list[str] = []
    workspace: list[str] = []
    for source in sorted(features.glob("*/routes.ts")):
        text = source.read_text()
        (base if re.search(r"""\bsite:\s*["']base["']""", text) else workspace).extend(
            f"/{path.lstrip('/')}" for path in ROUTE.findall(text)
        )
    return list(dict.fromkeys(base)), list(dict.fromkeys(workspace))


def resolve(path: str, links: set[str]) -> str | None:
    """The address itself, or for one with parameters the first link seen that fits it."""
    if ":" not in path:
        return path
    shape = re.compile(re.sub(r":\w+(\([^)]*\))?", r"[^/?#]+", path).replace("*", "") + r"(?=$|[?#])")
    return next((link for link in sorted(links) if shape.match(link)), None)


def file_name(url: str, path: str) -> str:
    host = re.sub(r"^https?://|:\d+.*$", "", url).partition(".localhost")[0]
    return re.sub(r"[^\w-]+", "-", f"{host}{path}").strip("-")
