"""Phones, e-mail addresses, WeChat ids and tax numbers in the one form in which they are compared."""

import re
import unicodedata

MOBILE = re.compile(r"^1[3-9]\d{9}$")
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
# GB 32100-2015: 统一社会信用代码, seventeen signs and one to check them by.
CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
CREDIT_FORM = re.compile(rf"^[159ANY][1239ABDEFGHJKLMNPQRTUWXY]\d{{6}}[{CREDIT_SIGNS}]{{10}}$")
MIN_DIGITS = 7
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|-(?=\d{1,4}$)(?<=\d{7}-)).*$")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def phone_key(text: str) -> str:
    """Return a phone as it is compared: digits, of China without the country, a landline with its area and without
    the leading zero and extension. Empty for what is no phone.
    """
    spoken = _EXTENSION.sub("", _plain(text).casefold())
    digits = re.sub(r"[^\d+]", "", spoken.replace("(0)", ""))
    for country in ("+86", "0086"):
        if digits.startswith(country):
            digits = digits[len(country) :]
            break
    else:
        if len(digits) == 13 and digits.startswith("86") and MOBILE.match(digits[2:]):
            digits = digits[2:]
    digits = digits.replace("+", "")
    if len(digits) == 12 and digits.startswith("0") and MOBILE.match(digits[1:]):
        return digits[1:]
    if not MOBILE.match(digits):
        digits = digits.lstrip("0")
    return digits if MIN_DIGITS <= len(digits) <= 15 and len(set(digits)) > 1 else ""


def email_key(text: str) -> str:
    """Return an address as it is compared: lower case, without what follows a plus."""
    address = _plain(text).casefold()
    if not EMAIL.match(address):
        return ""
    name, _, domain = address.rpartition("@")
    name = name.partition("+")[0]
    return f"{name}@{domain}" if name else ""


def wechat_key(text: str) -> str:
    """Return a WeChat id as it is compared."""
    value = _plain(text).casefold()
    return value if len(value) >= 5 and " " not in value else ""


def tax_key(text: str) -> str:
    """Return a 统一社会信用代码 in capitals, empty for what is none or fails its check sign."""
    code = re.sub(r"[\s-]", "", _plain(text)).upper()
    return code if CREDIT_FORM.match(code) and check_sign(code[:17]) == code[17] else ""


def check_sign(code: str) -> str:
    """Return the sign that belongs to the first seventeen of a credit code."""
    total = sum(CREDIT_SIGNS.index(sign) * weight for sign, weight in zip(code, CREDIT_WEIGHTS, strict=True))
    return CREDIT_SIGNS[(31 - total % 31) % 31]
