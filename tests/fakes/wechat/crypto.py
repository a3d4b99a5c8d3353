"""Tencent's signature and message encryption, written from its specification and sharing no code with the product."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class CipherError(ValueError):
    """The text was not encrypted for this account."""


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def signed(given: str, *parts: str) -> bool:
    return hmac.compare_digest(given.encode(), sign(*parts).encode())


def key_bytes(aes_key: str) -> bytes:
    if len(aes_key) != 43:
        raise CipherError("an EncodingAESKey has 43 characters")
    try:
        return base64.b64decode(aes_key + "=")
    except binascii.Error as error:
        raise CipherError("the EncodingAESKey is not base64") from error


def encrypt(aes_key: str, app_id: str, text: str) -> str:
    key = key_bytes(aes_key)
    body = text.encode()
    plain = os.urandom(16) + struct.pack(">I", len(body)) + body + app_id.encode()
    fill = BLOCK - len(plain) % BLOCK
    plain += bytes([fill]) * fill
    worker = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(worker.update(plain) + worker.finalize()).decode()


def decrypt(aes_key: str, app_id: str, sealed: str) -> str:
    key = key_bytes(aes_key)
    try:
        raw = base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CipherError("not base64") from error
    if not raw or len(raw) % 16:
        raise CipherError("not whole blocks")
    worker = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = worker.update(raw) + worker.finalize()
    fill = plain[-1]
    if not 1 <= fill <= BLOCK or plain[-fill:] != bytes([fill]) * fill:
        raise CipherError("wrong padding")
    plain = plain[:-fill]
    if len(plain) < 20:
        raise CipherError("too short")
    (length,) = struct.unpack(">I", plain[16:20])
    body, owner = plain[20 : 20 + length], plain[20 + length :]
    if len(body) != length or owner != app_id.encode():
        raise CipherError("encrypted for another account")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise CipherError("not UTF-8 inside") from error
