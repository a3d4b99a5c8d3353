"""Where a visitor came from: the page, the referrer and the campaign in its address."""

from urllib.parse import parse_qsl, urlsplit, urlunsplit

from guanxi.common import clock

MAX_URL = 500
MAX_VALUE = 100
CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "gclid", "bd_vid", "qhclickid")


def clean_url(text: str) -> str:
    """Return a web address that is fit to be kept: http or https, without user, password or fragment."""
    try:
        parts = urlsplit(text.strip()[: MAX_URL * 4])
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    return urlunsplit((parts.scheme, host + port, parts.path, parts.query, ""))[:MAX_URL]


def read_touch(*, url: str, title: str, referrer: str) -> dict[str, str]:
    """Return a touch: only what is there, each value short."""
    page = clean_url(url)
    came_from = clean_url(referrer)
    touch = {
        "channel": "web",
        "at": clock.now().isoformat(timespec="seconds"),
        "page": page,
        "title": title.strip()[:MAX_VALUE],
    }
    if came_from and _host(came_from) != _host(page):
        touch["referrer"] = came_from
    for name, value in parse_qsl(urlsplit(page).query, max_num_fields=100):
        if name in CAMPAIGN and value:
            touch[name] = value[:MAX_VALUE]
    return {name: value for name, value in touch.items() if value}


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
