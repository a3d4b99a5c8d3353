"""What reaches the callback is read as Tencent meant it, or refused; nothing else comes out, whatever comes in."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.channels.wechat.reading import read_push, read_verification, signature_of
from bots.channels.wechat.types import MAX_BODY, Credentials, Encryption, Push, Query, Reason, Refused
from tests.bots.channels.wechat.signing import AES_KEY, APP_ID, OPENID, ORIGINAL_ID, TOKEN, Signer, query_of
from tests.fakes.wechat import crypto
from tests.fakes.wechat.records import Mode

SIGNER = Signer()
PLAIN = Signer(mode=Mode.PLAIN)
MODES = [Mode.PLAIN, Mode.COMPATIBLE, Mode.ENCRYPTED]
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="


def read(signer: Signer, plain: str) -> Push:
    query, body = signer.call(plain)
    return read_push(signer.credentials, query_of(query), body)


def reason_of(signer: Signer, query: dict[str, str], body: bytes) -> Reason:
    with pytest.raises(Refused) as caught:
        read_push(signer.credentials, query_of(query), body)
    return caught.value.reason


def test_tencents_sample_signature() -> None:
    assert signature_of("QDG6eK", "1409659589", "263014780", ECHO) == "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "content",
    [
        "你好",
        "a & b < c > d",
        "]]>",
        "<Encrypt>AAAA</Encrypt>",
        "<!DOCTYPE html><!ENTITY x>",
        "&lt;",
        "🍵" * 300,
        "&amp;#1;",
    ],
)
def test_a_text_arrives_as_it_was_written(mode: Mode, content: str) -> None:
    push = read(Signer(mode=mode), SIGNER.text(content, msg_id=24001))
    assert (push.kind, push.text, push.openid, push.original_id) == ("text", content, OPENID, ORIGINAL_ID)
    assert (push.dedupe_key, push.opens) == ("m:24001", "message")
    assert push.encrypted is (mode is not Mode.PLAIN)


@pytest.mark.parametrize("mode", MODES)
def test_control_characters_are_taken_out_of_a_text(mode: Mode) -> None:
    assert read(Signer(mode=mode), SIGNER.text("龙\x1d井\x00\x0b茶\uffff\n!")).text == "龙井茶\n!"


def test_each_kind_of_message() -> None:
    image = read(SIGNER, SIGNER.plain("image", [("PicUrl", "http://x/y"), ("MediaId", "m1"), ("MsgId", 2)]))
    assert (image.kind, image.media_id, image.payload["picture_url"]) == ("image", "m1", "http://x/y")
    voice = read(
        SIGNER,
        SIGNER.plain("voice", [("MediaId", "m2"), ("Format", "amr"), ("Recognition", "多少钱"), ("MsgId", 3)]),
    )
    assert (voice.kind, voice.text, voice.media_id) == ("voice", "多少钱", "m2")
    place = read(
        SIGNER,
        SIGNER.plain(
            "location",
            [("Location_X", "30.2"), ("Location_Y", "120.1"), ("Scale", 16), ("Label", "西湖"), ("MsgId", 4)],
        ),
    )
    assert (place.kind, place.text, place.payload["latitude"]) == ("location", "西湖", "30.2")
    link = read(
        SIGNER, SIGNER.plain("link", [("Title", "茶"), ("Description", ""), ("Url", "http://x/?a=1&b=2"), ("MsgId", 5)])
    )
    assert (link.kind, link.text, link.payload) == ("link", "茶", {"title": "茶", "url": "http://x/?a=1&b=2"})
    video = read(SIGNER, SIGNER.plain("shortvideo", [("MediaId", "m3"), ("ThumbMediaId", "t"), ("MsgId", 6)]))
    assert (video.kind, video.media_id) == ("video", "m3")
    sticker = read(SIGNER, SIGNER.plain("hologram", [("MsgId", 7)]))
    assert (sticker.kind, sticker.payload) == ("unsupported", {"wechat_kind": "hologram"})


def test_a_tapped_menu_item_counts_as_a_click() -> None:
    push = read(SIGNER, SIGNER.plain("text", [("Content", "有礼盒吗"), ("MsgId", 8), ("bizmsgmenuid", "q2")]))
    assert (push.kind, push.opens, push.payload) == ("text", "menu_click", {"menu_item": "q2"})


def test_each_kind_of_event() -> None:
    follow = read(SIGNER, SIGNER.event("subscribe"))
    assert (follow.kind, follow.event, follow.scene, follow.opens) == ("event", "subscribe", "", "subscribe")
    scanned = read(SIGNER, SIGNER.event("subscribe", "qrscene_fair2026"))
    assert (scanned.event, scanned.scene, scanned.opens) == ("subscribe", "fair2026", "subscribe")
    again = read(SIGNER, SIGNER.event("SCAN", "fair2026"))
    assert (again.event, again.scene, again.opens) == ("scan", "fair2026", "scan")
    click = read(SIGNER, SIGNER.event("CLICK", "PRICES"))
    assert (click.event, click.payload["key"], click.opens) == ("click", "PRICES", "menu_click")
    view = read(SIGNER, SIGNER.event("VIEW", "https://example.com"))
    assert (view.event, view.opens) == ("view", "")
    gone = read(SIGNER, SIGNER.event("unsubscribe"))
    assert (gone.event, gone.opens) == ("unsubscribe", "")
    report = read(SIGNER, SIGNER.event("TEMPLATESENDJOBFINISH"))
    assert not report.concerns_talk
    odd = read(SIGNER, SIGNER.event("something_new", "k"))
    assert (odd.event, odd.opens, odd.concerns_talk) == ("something_new", "", True)


def test_events_are_told_apart_by_person_time_and_name() -> None:
    now = int(time.time())
    keys = {
        read(SIGNER, SIGNER.event("CLICK", "a", created_at=now)).dedupe_key,
        read(SIGNER, SIGNER.event("CLICK", "a", created_at=now + 1)).dedupe_key,
        read(SIGNER, SIGNER.event("CLICK", "b", created_at=now)).dedupe_key,
        read(SIGNER, SIGNER.event("VIEW", "a", created_at=now)).dedupe_key,
        read(SIGNER, SIGNER.event("CLICK", "a", created_at=now, openid="oSomebodyElse")).dedupe_key,
    }
    assert len(keys) == 5
    repeated = read(SIGNER, SIGNER.event("CLICK", "a", created_at=now)).dedupe_key
    assert repeated in keys


@pytest.mark.parametrize("created", [0, 1, 4_000_000_000, 99_999_999_999])
def test_a_moment_that_cannot_be_true_becomes_now(created: int) -> None:
    push = read(SIGNER, SIGNER.plain("text", [("Content", "x"), ("MsgId", 9)], created_at=created or 1))
    assert abs((push.sent_at - datetime.now(UTC)).total_seconds()) < 5


@pytest.mark.parametrize(
    "change", [{"signature": "0" * 40}, {"nonce": "other"}, {"timestamp": "1"}, {"signature": "é"}]
)
def test_a_wrong_signature_is_refused(change: dict[str, str]) -> None:
    query, body = SIGNER.call(SIGNER.text("x"))
    assert reason_of(SIGNER, {**query, **change}, body) is Reason.SIGNATURE


@pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
def test_a_call_without_its_parameters_is_refused(missing: str) -> None:
    query, body = SIGNER.call(SIGNER.text("x"))
    assert reason_of(SIGNER, {k: v for k, v in query.items() if k != missing}, body) is Reason.PARAMETERS


@pytest.mark.parametrize("shift", [-3600, 3600])
def test_an_old_or_early_call_is_refused(shift: int) -> None:
    signer = Signer(shift=shift)
    query, body = signer.call(signer.text("x"))
    assert reason_of(signer, query, body) is Reason.TIMESTAMP


def test_an_empty_token_is_never_enough() -> None:
    signer = Signer(token="")
    query, body = signer.call(signer.text("x"))
    empty = Credentials(APP_ID, ORIGINAL_ID, "", AES_KEY, Encryption.ENCRYPTED)
    with pytest.raises(Refused) as caught:
        read_push(empty, query_of(query), body)
    assert caught.value.reason is Reason.NO_TOKEN


def test_the_signature_over_the_encrypted_text_is_checked_too() -> None:
    query, body = SIGNER.call(SIGNER.text("x"))
    assert reason_of(SIGNER, {**query, "msg_signature": "0" * 40}, body) is Reason.SIGNATURE
    assert reason_of(SIGNER, {**query, "msg_signature": ""}, body) is Reason.SIGNATURE


def test_an_encrypted_account_takes_nothing_in_plain_text() -> None:
    query, body = PLAIN.call(PLAIN.text("x"))
    assert reason_of(SIGNER, query, body) is Reason.NOT_ENCRYPTED


def test_what_was_encrypted_for_another_account_is_refused() -> None:
    query, body = SIGNER.enveloped(crypto.encrypt(AES_KEY, "wxffffffffffffffff", SIGNER.text("x")))
    assert reason_of(SIGNER, query, body) is Reason.DECRYPTION
    plain = SIGNER.text("x").replace(ORIGINAL_ID, "gh_ffffffffffff")
    query, body = SIGNER.call(plain)
    assert reason_of(SIGNER, query, body) is Reason.OTHER_ACCOUNT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", Reason.XML),
        (b"{}", Reason.XML),
        (b"<xml>", Reason.XML),
        (b"<xml></xml>", Reason.XML),
        (b"\xff\xfe", Reason.NOT_UTF8),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>", Reason.DOCTYPE),
        (b"<xml><ToUserName>" + b"a" * MAX_BODY + b"</ToUserName></xml>", Reason.TOO_LARGE),
        (b"<xml><MsgType>text</MsgType></xml>", Reason.FIELDS),
        (b"<xml><MsgType><a/></MsgType></xml>", Reason.XML),
        (b"<other><MsgType>text</MsgType></other>", Reason.XML),
    ],
)
def test_a_body_that_is_not_a_message_is_refused(body: bytes, reason: Reason) -> None:
    assert reason_of(PLAIN, PLAIN.query(), body) is reason


@pytest.mark.parametrize("sealed", ["AAAA", "", "not base64!!", "QUFB" * 40, ECHO])
def test_what_cannot_be_decrypted_is_refused(sealed: str) -> None:
    query, body = SIGNER.enveloped(sealed)
    assert reason_of(SIGNER, query, body) in {Reason.DECRYPTION, Reason.NOT_ENCRYPTED, Reason.XML}


NAMES = ["MsgType", "FromUserName", "ToUserName", "CreateTime", "MsgId", "Event", "EventKey", "Content"]


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def document(parts: dict[str, str]) -> bytes:
    return raw("<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in parts.items()) + "</xml>")


SAFE_BYTES = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=200).map(raw),
    st.text(max_size=200).map(lambda text: raw(f"<xml>{text}</xml>")),
    st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)).map(document),
)


@settings(max_examples=400, deadline=None)
@given(SAFE_BYTES)
def test_any_plain_body_is_read_or_refused(body: bytes) -> None:
    try:
        push = read_push(PLAIN.credentials, query_of(PLAIN.query()), body)
    except Refused:
        return
    assert push.dedupe_key


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=300).map(lambda raw: raw.hex())), SAFE_BYTES)
def test_any_encrypted_text_is_read_or_refused(sealed: str, inside: bytes) -> None:
    for envelope in (sealed, crypto.encrypt(AES_KEY, APP_ID, inside.decode("utf-8", "replace"))):
        query = SIGNER.query(envelope)
        body = f"<xml><Encrypt>{envelope}</Encrypt></xml>".encode("utf-8", "surrogatepass")
        try:
            read_push(SIGNER.credentials, query_of(query), body)
        except Refused:
            continue


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(list(Query.__slots__)), st.text(max_size=60)), st.binary(max_size=60))
def test_any_query_is_refused(values: dict[str, str], body: bytes) -> None:
    with pytest.raises(Refused):
        read_push(SIGNER.credentials, query_of(values), body)
    with pytest.raises(Refused):
        read_verification(SIGNER.credentials, query_of(values))


def test_the_address_check_gives_back_what_it_was_sent() -> None:
    query = PLAIN.query(echostr="1616140317555161061")
    assert read_verification(PLAIN.credentials, query_of(query)) == "1616140317555161061"
    for bad in ("", "x" * 300, "a\nb", "\x00"):
        with pytest.raises(Refused):
            read_verification(PLAIN.credentials, query_of(PLAIN.query(echostr=bad)))
    assert TOKEN
