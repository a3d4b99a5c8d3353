"""The script that sites embed, and the page in its frame."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bots.channels.services import disconnect_channel, update_channel
from bots.channels.web.kind import WebKind
from guanxi.access import Actor
from guanxi.common.errors import Invalid, NotFound
from guanxi.tenancy import TenantRef
from tenants.workspaces.selectors import resolve_route
from tests.bots.channels.web.conftest import BASE, SITE

LOADER = "/* loader */ (function(){})();"


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> Path:
    """Build pages of a line each."""
    for name, text in (("loader/widget.js", LOADER), ("widget/widget.js", "/* page */"), ("widget/widget.css", "b{}")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    settings.LOADER_DIST, settings.WIDGET_DIST = tmp_path / "loader", tmp_path / "widget"
    return tmp_path


@pytest.fixture
def site(database: None) -> Client:
    """Return a browser at the base host."""
    return Client(SERVER_NAME=BASE)


def config_of(html: str) -> dict[str, Any]:
    """Return what the server wrote into the page."""
    found = re.search(r'<script id="guanxi-config" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    config: dict[str, Any] = json.loads(found.group(1))
    return config


def test_the_script_is_small_to_fetch_and_cheap_to_check(site: Client, built: Path) -> None:
    """Compressed, kept for an hour, and answered with 304 while it is the same."""
    plain = site.get("/widget.js")
    assert plain.content.decode() == LOADER
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=3600" in plain.headers["Cache-Control"]
    packed = site.get("/widget.js", headers={"accept-encoding": "gzip, br"})
    assert gzip.decompress(packed.content).decode() == LOADER
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = site.get("/widget.js", headers={"if-none-match": plain.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_script_is_the_same_on_every_host(built: Path, alpha: TenantRef) -> None:
    """Own domains serve it too."""
    for host in (BASE, "alpha.localhost"):
        assert Client(SERVER_NAME=host).get("/widget.js").status_code == 200


def test_the_page_knows_its_channel_and_nothing_more(site: Client, built: Path, web_channel: Any) -> None:
    """Key, words and look; no ids, no state of the account."""
    answer = site.get(f"/widget/{web_channel.key}?lang=en")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert '<html lang="en">' in html
    config = config_of(html)
    assert config == {
        "key": web_channel.key,
        "name": "Shop",
        "api": "/api/widget/v1",
        "socket": "/ws/widget/",
        "color": "#0f7b6c",
        "side": "right",
        "greeting": {"zh": "您好", "en": "Hello"},
        "starters": {"zh": ["怎么发货？"], "en": []},
        "allowed_origins": [SITE],
        "max_file_bytes": 10 * 1024 * 1024,
    }


def test_only_the_channels_own_sites_may_frame_the_page(
    site: Client, built: Path, web_channel: Any, owner: Actor
) -> None:
    """The policy names them; without any, every site may; the page itself loads nothing from elsewhere."""
    answer = site.get(f"/widget/{web_channel.key}")
    policy = answer.headers["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {SITE}" in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in answer.headers
    update_channel(actor=owner, channel_id=web_channel.pk, values={"allowed_origins": []})
    assert (
        site.get(f"/widget/{web_channel.key}").headers["Content-Security-Policy"].endswith("frame-ancestors 'self' *")
    )


def test_a_name_cannot_break_out_of_the_page(site: Client, built: Path, web_channel: Any, owner: Actor) -> None:
    """Whatever the owner types is data."""
    evil = "</script><script>x"
    update_channel(
        actor=owner, channel_id=web_channel.pk, name=evil, values={"greeting": {"zh": "<!--<script>", "en": ""}}
    )
    html = site.get(f"/widget/{web_channel.key}").content.decode()
    assert "<script>x" not in html
    assert config_of(html)["name"] == evil


def test_the_parts_of_the_page_are_kept_for_ever_under_their_digest(
    site: Client, built: Path, web_channel: Any
) -> None:
    """A new build has new addresses; an old address still gets a file, but not for ever."""
    html = site.get(f"/widget/{web_channel.key}").content.decode()
    script = re.search(r'src="(/widget/assets/[^"]+)"', html)
    assert script is not None
    assert "immutable" in site.get(script.group(1)).headers["Cache-Control"]
    stale = re.sub(r"assets/\w+", "assets/0123456789abcdef", script.group(1))
    assert site.get(stale).headers["Cache-Control"] == "no-cache"
    (built / "widget" / "widget.js").write_text("/* the next build */")
    assert script.group(1) not in site.get(f"/widget/{web_channel.key}").content.decode()


@pytest.mark.parametrize("name", ["index.html", "..%2f..%2fpackage.json", "widget.map"])
def test_no_other_file_is_served(site: Client, built: Path, name: str) -> None:
    """Two names, and no way out of the folder."""
    (built / "widget" / "index.html").write_text("x")
    answer = site.get(f"/widget/assets/abc/{name}")
    assert answer.status_code == 404 or b"assets/abc" not in answer.content


def test_an_unknown_key_or_one_taken_off_has_no_page(site: Client, built: Path, web_channel: Any, owner: Actor) -> None:
    """404, and the route leads nowhere."""
    assert site.get("/widget/gxw_nobodyknowsme").status_code == 404
    assert site.get("/widget/x").status_code == 404
    disconnect_channel(actor=owner, channel_id=web_channel.pk)
    assert site.get(f"/widget/{web_channel.key}").status_code == 404
    assert resolve_route("widget_key", web_channel.key) is None


def test_a_key_has_its_page_on_its_own_workspace_only(built: Path, web_channel: Any, beta: TenantRef) -> None:
    """Alpha's key on beta's host is nobody's."""
    assert Client(SERVER_NAME="alpha.localhost").get(f"/widget/{web_channel.key}").status_code == 200
    assert Client(SERVER_NAME="beta.localhost").get(f"/widget/{web_channel.key}").status_code == 404


def test_without_a_build_the_answer_is_a_plain_404(
    site: Client, settings: Any, tmp_path: Path, web_channel: Any
) -> None:
    """Nobody sees a stack trace because a build is missing."""
    settings.LOADER_DIST = settings.WIDGET_DIST = tmp_path
    assert site.get("/widget.js").status_code == 404
    assert site.get(f"/widget/{web_channel.key}").status_code == 404


def test_a_changed_setting_keeps_the_others_and_the_key(web_channel: Any, owner: Actor) -> None:
    """A form sends what it changed."""
    changed = update_channel(actor=owner, channel_id=web_channel.pk, values={"color": "#AA0000"})
    assert changed.settings["color"] == "#aa0000"
    assert changed.settings["greeting"] == {"zh": "您好", "en": "Hello"}
    assert changed.key == web_channel.key
    with pytest.raises(Invalid):
        update_channel(actor=owner, channel_id=web_channel.pk, values={"allowed_origins": ["javascript:x"]})


def test_the_owner_gets_a_tag_to_copy(web_channel: Any) -> None:
    """Address, key and the tag that joins them; steps say what is still to do."""
    kind = WebKind()
    connection = kind.connection(web_channel)
    assert connection["tag"] == f'<script src="{connection["script_url"]}" data-key="{web_channel.key}" async></script>'
    assert [(step.name, step.state.value) for step in kind.steps(web_channel)] == [
        ("created", "done"),
        ("sites", "done"),
        ("embedded", "waiting"),
    ]


def test_a_rep_cannot_connect_a_chat(rep: Actor, web_channel: Any) -> None:
    """Channels are the administrators' matter."""
    from guanxi.common.errors import PermissionDenied

    with pytest.raises((PermissionDenied, NotFound)):
        update_channel(actor=rep, channel_id=web_channel.pk, values={"color": "#000000"})
