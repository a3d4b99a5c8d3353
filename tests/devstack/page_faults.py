"""What a visitor must not meet on a page: cut content, raw keys of words, bad contrast, errors of its scripts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Error, Page

AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
# Shared by all features, and therefore in no feature's folder.
SHARED_ROOTS = ("ui", "errors")
NAMED = 3

# What a person could not reach: behind the edge of the window, with nothing on the way that scrolls sideways. A box may
# cut its text off, as an ellipsis does; a control that is cut is a fault wherever it stands.
CUT_OFF = """() => {
  const edge = document.documentElement.clientWidth;
  const controls = "a[href], button, input, select, textarea, [role=button], [role=tab], [role=switch]";
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const unseen = (element) => {
    const style = getComputedStyle(element);
    return style.visibility === "hidden" || Number(style.opacity) === 0 || style.clip === "rect(0px, 0px, 0px, 0px)"
      || style.clipPath === "inset(50%)";
  };
  const shown = (element) => {
    for (let each = element; each; each = each.parentElement) {
      if (each.inert || each.getAttribute("aria-hidden") === "true" || unseen(each)) return false;
    }
    return true;
  };
  const nameOf = (element) => {
    const words = (element.innerText || element.getAttribute("aria-label") || element.placeholder || "").trim();
    return `<${element.tagName.toLowerCase()}> ${words.slice(0, 40)}`.trim();
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const control = element.matches(controls);
    if (!control && !hasText(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || !shown(element)) continue;
    let left = box.left, right = box.right, reachable = false;
    let fixed = getComputedStyle(element).position === "fixed";
    for (let each = element.parentElement; each && each !== document.body && !fixed; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (["auto", "scroll"].includes(style.overflowX)) { reachable = true; break; }
      const around = each.getBoundingClientRect();
      if (["hidden", "clip"].includes(style.overflowX) && (around.left > 0 || around.right < edge)) {
        left = Math.max(left, around.left); right = Math.min(right, around.right);
      }
      fixed = style.position === "fixed";
    }
    if (reachable) continue;
    const behindTheEdge = right > edge + 1 || left < -1;
    const halved = control && right - left < box.width - 2;
    if (behindTheEdge || halved) found.push(nameOf(element));
  }
  return [...new Set(found)];
}"""

RAW_KEYS = """(roots) => {
  const key = new RegExp(`(?<![\\\\w./@-])(?:${roots.join("|")})(?:\\\\.[A-Za-z][\\\\w-]*)+(?![\\\\w/@.-]*[/@])`, "g");
  const texts = [document.title];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const parent = words.currentNode.parentElement;
    if (parent && !parent.closest("script, style, code, pre")) texts.push(words.currentNode.data);
  }
  for (const name of ["title", "placeholder", "aria-label", "aria-description", "alt"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name));
  }
  return [...new Set(texts.flatMap((text) => text.match(key) ?? []))];
}"""


@dataclass
class Watch:
    """Listens to one page and looks it over; every complaint is one line."""

    page: Page
    roots: Sequence[str]
    expects_refusals: bool = False
    """The page is opened with a made-up link: the server's refusal of it is no fault."""
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self._hear(f"page error: {error}"))
        self.page.on("console", self._hear_console)

    def _hear(self, text: str) -> None:
        self.heard.append(text.splitlines()[0][:240])

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if self.expects_refusals and message.text.startswith("Failed to load resource"):
            return
        where = message.location.get("url", "") if message.text.startswith("Failed to load resource") else ""
        self._hear(f"console error: {message.text} {where}".rstrip())

    def faults(self, *, narrow: bool) -> list[str]:
        """All that is wrong with the page as it stands, and what its scripts said since the last look."""
        found = [*self._wide(), *self._raw_keys(), *self._inaccessible()]
        if narrow:
            found += self._cut_off()
        heard, self.heard = list(dict.fromkeys(self.heard)), []
        return [*heard, *found]

    def _wide(self) -> list[str]:
        width, room = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        return [f"overflows sideways: {width} px in a window of {room} px"] if width > room else []

    def _cut_off(self) -> list[str]:
        cut: list[str] = self.page.evaluate(CUT_OFF)
        return [f"cut off: {some(cut)}"] if cut else []

    def _raw_keys(self) -> list[str]:
        keys: list[str] = self.page.evaluate(RAW_KEYS, list(self.roots))
        return [f"raw key: {some(keys)}"] if keys else []

    def _inaccessible(self) -> list[str]:
        try:
            results: dict[str, Any] = Axe().run(self.page, options=AXE_OPTIONS).response
        except Error as error:
            return [f"the accessibility check broke: {str(error).splitlines()[0]}"]
        return [told(violation) for violation in results["violations"]]


def told(violation: dict[str, Any]) -> str:
    """One line about a broken rule: how grave, and where."""
    places = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
    return f"{violation['id']} ({violation['impact']}): {some(places)} [{why(violation)}]"


def why(violation: dict[str, Any]) -> str:
    """The shades that were measured, or what the rule says of the first place."""
    checks = [check for node in violation["nodes"] for check in (*node["any"], *node["all"], *node["none"])]
    shades = [check.get("data") or {} for check in checks if check["id"] == "color-contrast"]
    if shades:
        told = [f"{each.get('fgColor')} on {each.get('bgColor')} = {each.get('contrastRatio')}" for each in shades]
        return some(list(dict.fromkeys(told)))
    return " ".join(str(checks[0]["message"]).split()) if checks else str(violation["help"])


def some(items: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
    return ", ".join(items[:NAMED]) + more


def key_roots(sources: Path) -> tuple[str, ...]:
    """The name spaces of the words: each folder that holds catalogs, and the shared ones."""
    own = {catalog.parent.parent.name for catalog in sources.glob("**/locales/*.json")}
    return tuple(sorted(own | set(SHARED_ROOTS)))
