"""Chinese mobile, landline and 400 numbers; order, tracking and identity numbers are not phones."""

import re
from dataclasses import dataclass

from bots.assistant.extraction.digits import plain_digits

_SEP = r"[\s\-—–.·_,，、()（）]{0,2}"
_MOBILE = re.compile(rf"(?<![0-9A-Za-z_+])(?:(?:\+|00)?86{_SEP})?(1{_SEP}[3-9](?:{_SEP}[0-9]){{9}})(?![0-9])")
_SERVICE = re.compile(r"(?<![0-9A-Za-z])([48]00[\s\-—–.]?(?:[0-9][\s\-—–.]?){6}[0-9])(?![0-9])")
_AREA = r"(?:010|02[0-57-9]|0[3-9][0-9]{2})"
_LANDLINE = re.compile(
    rf"(?<![0-9A-Za-z])(?:(?:\+|00)?86[\s\-]?)?[(（]?({_AREA}|(?<=86[\s\-])[1-9][0-9]{{1,2}})[)）]?[\s\-—–]?([2-9][0-9]{{2,3}}[\s\-]?[0-9]{{4}})(?![0-9])"
)
_EXTENSION = re.compile(
    r"^\s*(?:转|分机|转分机|ext\.?|x|#|－|-)\s*(?:分机|号)?\s*[:：]?\s*([0-9]{1,6})(?![0-9])", re.IGNORECASE
)
_FOREIGN = re.compile(
    r"(?<![0-9A-Za-z])(\+(?!86)[1-9][0-9]{0,2}[\s\-]?(?:\(?[0-9]{1,4}\)?[\s\-]?){2,4}[0-9]{2,4})(?![0-9])"
)
_NOT_DIGIT = re.compile(r"[^0-9]")

# What stands before a number and says that it is something else.
_DECOY_BEFORE = re.compile(
    r"(?:订单(?:编)?号?|单号|运单号?|快递(?:单)?号?|物流(?:单)?号?|编号|流水号?|身份证(?:号码?)?|证件号码?|卡号|账号|帐号|税号|批次号?|批号|合同号|"
    r"条码|货号|型号|发票号码?|信用代码|qq号?|order(?:\s*(?:no|number|id))?|tracking(?:\s*(?:no|number))?|invoice(?:\s*no)?|id(?:\s*(?:card|no|number))?|"
    r"account(?:\s*(?:no|number))?|batch(?:\s*no)?|sku)\.?\s*(?:是|为|:|：|#|=|\s)*$",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(r"^\s*(?:元|块|rmb|yuan|盒|份|个|件|kg|克|斤)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is stored, where it stood in the text, and its extension."""

    number: str
    begin: int
    end: int
    extension: str = ""

    @property
    def stored(self) -> str:
        return f"{self.number}-{self.extension}" if self.extension else self.number


def find_phones(text: str) -> list[Phone]:
    """Every phone in a text, in order, each once. Positions count in the text with plain digits."""
    plain = plain_digits(text)
    found: list[Phone] = []
    for pattern in (_MOBILE, _SERVICE, _LANDLINE, _FOREIGN):
        for match in pattern.finditer(plain):
            phone = _accepted(pattern, match, plain)
            if phone is not None and not any(phone.begin < other.end and other.begin < phone.end for other in found):
                found.append(phone)
    unique: dict[str, Phone] = {}
    for phone in sorted(found, key=lambda phone: phone.begin):
        unique.setdefault(phone.stored, phone)
    return list(unique.values())


def _accepted(pattern: re.Pattern[str], match: re.Match[str], plain: str) -> Phone | None:
    if _DECOY_BEFORE.search(plain[max(0, match.start() - 24) : match.start()]) or _MONEY_AFTER.match(
        plain[match.end() :]
    ):
        return None
    digits = _NOT_DIGIT.sub("", "".join(match.groups()))
    if pattern is _FOREIGN:
        return Phone(f"+{digits}", match.start(), match.end()) if 8 <= len(digits) <= 15 else None
    if pattern is _LANDLINE:
        area, local = match.group(1), _NOT_DIGIT.sub("", match.group(2))
        area = area if area.startswith("0") else f"0{area}"
        digits = f"{area}-{local}"
    if pattern is _SERVICE and len(digits) != 10:
        return None
    extension = "" if pattern is _MOBILE else _extension(plain[match.end() :])
    return Phone(digits, match.start(), match.end(), extension)


def _extension(rest: str) -> str:
    found = _EXTENSION.match(rest)
    return found.group(1) if found else ""
