"""A real Chromium for the widget's tests, and the few gestures that they share."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, sync_playwright

from guanxi.config.devstack.browser import FLAGS, SYSTEM_NAMES, chromium_path
from guanxi.config.devstack.places import StackError

DESKTOP = {"width": 1100, "height": 780}
PHONE = {"width": 390, "height": 760}


def program() -> str:
    """Return the browser that the project has fetched, else the system's."""
    try:
        return str(chromium_path())
    except StackError:
        found = next((path for name in SYSTEM_NAMES if (path := shutil.which(name))), None)
        if found is None:
            raise
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Shopper:
    """Somebody at a browser of their own, on a page that embeds the chat."""

    def __init__(self, browser: Browser, *, phone: bool = False, dark: bool = False, language: str = "zh-CN") -> None:
        self.context: BrowserContext = browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            is_mobile=phone,
            has_touch=phone,
            locale=language,
            color_scheme="dark" if dark else "light",
        )
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))

    def go(self, url: str) -> "Shopper":
        """Open a page and wait for the launcher."""
        self.page.goto(url)
        self.launcher.wait_for(state="visible")
        return self

    @property
    def launcher(self) -> Locator:
        """Return the button on the page."""
        return self.page.locator("[data-guanxi] button")

    @property
    def chat(self) -> FrameLocator:
        """Return the page in the frame."""
        return self.page.frame_locator("[data-guanxi] iframe")

    @property
    def bubbles(self) -> Locator:
        """Return the stored messages."""
        return self.chat.locator("[data-message] .bubble")

    def open(self) -> "Shopper":
        """Open the panel and wait for the page in it."""
        self.launcher.click()
        self.chat.locator("textarea").wait_for(state="visible")
        return self

    def say(self, text: str) -> None:
        """Type and send."""
        self.chat.locator("textarea").fill(text)
        self.chat.locator("textarea").press("Enter")

    def close(self) -> None:
        """Leave."""
        self.context.close()


def picture(folder: Path) -> Path:
    """Return a small picture on disk."""
    from PIL import Image

    path = folder / "photo.png"
    Image.new("RGB", (40, 30), "teal").save(path)
    return path
