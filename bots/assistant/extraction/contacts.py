"""WeChat ids and e-mail addresses."""

import re
import unicodedata

from bots.assistant.extraction.digits import plain_digits
from bots.assistant.extraction.phones import find_phones

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?\s?@\s?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,10})(?![A-Za-z0-9])"
)
_SPELT_AT = re.compile(r"\s*(?:\[at\]|\(at\)|#at#|艾特)\s*", re.IGNORECASE)

# How people call it, with the usual ways round a filter.
_NAMES = (
    r"微\s?信\s?号码?|微\s?信\s?id|微\s?信|薇\s?信\s?号?|威\s?信\s?号?|徽\s?信\s?号?|维\s?信\s?号?|微\s?❤|微\s?心|v\s?信\s?号?|w\s?x\s?号?|vx\s?号?|wechat\s?id|wechat|weixin|"
    r"微\s?号|v\s?[❤♥]|加\s?v|加\s?我\s?v|加\s?薇|\+\s?v|微信搜(?:索|一下)?"
)
_ID = r"([A-Za-z][A-Za-z0-9_-]{5,19})"
_LABELLED = re.compile(
    rf"(?:{_NAMES})\s*(?:号|号码|id)?\s*(?:是|为|就是|is|[:：=➕+,，\s])*\s*[\"“'「【(（]?{_ID}(?![A-Za-z0-9_@-]|\.[A-Za-z])",
    re.IGNORECASE,
)
_SHORT_LABEL = re.compile(rf"(?<![A-Za-z0-9])[vV薇]\s*(?:[:：=]|是)\s*{_ID}(?![A-Za-z0-9_@-]|\.[A-Za-z])")
_TRAILING = re.compile(
    rf"(?<![A-Za-z0-9@._-]){_ID}\s*(?:[,，。(（]?\s*)(?:这个?)?(?:是我(?:的)?|是)?\s*(?:微信|薇信|vx|wx|wechat)",
    re.IGNORECASE,
)
_WXID = re.compile(r"(?<![A-Za-z0-9_])(wxid_[a-z0-9]{8,24})(?![A-Za-z0-9])")
_SAME_AS_PHONE = re.compile(
    r"(?:微|薇|威|v|w)\s?(?:信|x)?\s*(?:号)?\s*(?:和|跟|与)?\s*(?:手机|电话)?号?\s*(?:同号|一样|一致|同步|也是这个|就是(?:手机|电话|这个)号?|同手机|同上)|"
    r"同微信|同微|也是微信|(?:可以?|能|直接)?加微|手机微信同|wechat\s*(?:is\s*)?(?:the\s*)?same|same\s+(?:on|for)\s+wechat|(?:微信|薇信|vx|wx|加v|加微)\s*[:：]?\s*(?=\+?[0-9\s-]{11,})",
    re.IGNORECASE,
)
_PHONE_AS_WECHAT = re.compile(rf"(?:{_NAMES})\s*(?:号)?\s*(?:是|为|[:：=+,，\s])*$", re.IGNORECASE)
_NOT_IDS = frozenset(
    [
        "wechat",
        "weixin",
        "please",
        "number",
        "account",
        "official",
        "company",
        "service",
        "mobile",
        "iphone",
        "android",
        "wechatid",
    ]
)


def find_emails(text: str) -> list[str]:
    """Every e-mail address in a text, in lower case."""
    folded = _SPELT_AT.sub("@", unicodedata.normalize("NFKC", text))
    return list(dict.fromkeys(re.sub(r"\s", "", found).lower() for found in _EMAIL.findall(folded)))


def find_wechat_ids(text: str) -> list[str]:
    """Every WeChat id in a text; the phone itself where the text says that it is the same."""
    plain = plain_digits(text)
    found = [
        match.group(1) for pattern in (_LABELLED, _SHORT_LABEL, _TRAILING, _WXID) for match in pattern.finditer(plain)
    ]
    ids = [name for name in found if name.lower() not in _NOT_IDS]
    ids += [
        phone.number
        for phone in find_phones(text)
        if phone.number.isdigit() and len(phone.number) == 11 and _said_to_be_wechat(plain, phone.begin, phone.end)
    ]
    return list(dict.fromkeys(ids))


def _said_to_be_wechat(plain: str, begin: int, end: int) -> bool:
    before, after = plain[max(0, begin - 16) : begin], plain[end : end + 16]
    return bool(_PHONE_AS_WECHAT.search(before) or _SAME_AS_PHONE.search(after) or _SAME_AS_PHONE.search(before))
