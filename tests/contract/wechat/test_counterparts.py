"""Four implementations of WeChat's cryptography agree: wechatpy, our fake, and two npm packages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wechatpy.crypto import PrpCrypto, WeChatCrypto, _get_signature

from tests.contract.wechat.counterpart import PACKAGES, Counterpart
from tests.fakes.wechat import crypto as fake

TOKEN = "QDG6eK"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
APP_ID = "wx5823bf96d3bd56c7"
STAMP, NONCE = "1409659589", "263014780"
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
SIGNATURE = "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3"
ECHO_PLAIN = "1616140317555161061"

TEXTS = [
    "",
    "a",
    "你好，龙井多少钱一斤？",
    "<xml><Content><![CDATA[]]]]><![CDATA[>]]></Content></xml>",
    "🍵" * 700,
    "\x00\x1d\r\n",
    *("x" * size for size in range(10, 44)),
]


@pytest.fixture(scope="module")
def node() -> Iterator[Counterpart]:
    with Counterpart() as counterpart:
        yield counterpart


def test_tencents_sample_decrypts_in_the_fake_and_in_wechatpy() -> None:
    assert fake.sign(TOKEN, STAMP, NONCE, ECHO) == SIGNATURE
    assert fake.signed(SIGNATURE, TOKEN, STAMP, NONCE, ECHO)
    assert fake.decrypt(KEY, APP_ID, ECHO) == ECHO_PLAIN
    assert _get_signature(TOKEN, STAMP, NONCE, ECHO) == SIGNATURE
    assert PrpCrypto(WeChatCrypto(TOKEN, KEY, APP_ID).key).decrypt(ECHO, APP_ID) == ECHO_PLAIN


@pytest.mark.parametrize("package", PACKAGES)
def test_tencents_sample_decrypts_in_the_packages(node: Counterpart, package: str) -> None:
    signature = node.ask(package, "sign", token=TOKEN, key=KEY, id=APP_ID, timestamp=STAMP, nonce=NONCE, encrypt=ECHO)
    assert signature == SIGNATURE
    opened = node.ask(package, "decrypt", token=TOKEN, key=KEY, id=APP_ID, encrypt=ECHO)
    assert opened == {"message": ECHO_PLAIN, "id": APP_ID}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_one_seals_the_others_open(node: Counterpart, package: str, text: str) -> None:
    who = {"token": TOKEN, "key": KEY, "id": APP_ID}
    theirs = node.ask(package, "encrypt", text=text, **who)
    assert fake.decrypt(KEY, APP_ID, theirs) == text
    assert PrpCrypto(fake.key_bytes(KEY)).decrypt(theirs, APP_ID) == text
    ours = fake.encrypt(KEY, APP_ID, text)
    wechatpys = PrpCrypto(fake.key_bytes(KEY)).encrypt(text, APP_ID).decode()
    for sealed in (ours, wechatpys):
        assert node.ask(package, "decrypt", encrypt=sealed, **who) == {"message": text, "id": APP_ID}
        assert fake.decrypt(KEY, APP_ID, sealed) == text


@pytest.mark.parametrize("package", PACKAGES)
def test_all_sign_alike(node: Counterpart, package: str) -> None:
    for nonce in ("0", "99999999999", "zzz", "A"):
        for sealed in (ECHO, fake.encrypt(KEY, APP_ID, "x")):
            fields = {"timestamp": STAMP, "nonce": nonce, "encrypt": sealed}
            theirs = node.ask(package, "sign", token=TOKEN, key=KEY, id=APP_ID, **fields)
            assert theirs == fake.sign(TOKEN, STAMP, nonce, sealed) == _get_signature(TOKEN, STAMP, nonce, sealed)


@pytest.mark.parametrize(
    "sealed",
    ["", "AAAA", "not base64!", ECHO[:-8], "A" * 64, fake.encrypt(KEY, "wx0000000000000000", "for another")],
    ids=["empty", "short", "not base64", "cut off", "no cipher text", "for another account"],
)
def test_the_fake_refuses_what_is_not_its_own(sealed: str) -> None:
    with pytest.raises(fake.CipherError):
        fake.decrypt(KEY, APP_ID, sealed)
