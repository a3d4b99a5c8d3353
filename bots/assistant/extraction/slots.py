"""All that one message tells, slot by slot."""

import re
from dataclasses import asdict, dataclass

from bots.assistant.extraction.companies import find_company
from bots.assistant.extraction.contacts import find_emails, find_wechat_ids
from bots.assistant.extraction.digits import plain_digits
from bots.assistant.extraction.facts import find_budget, find_city, find_name, find_quantity, find_time
from bots.assistant.extraction.phones import find_phones

LONG = 800


@dataclass(frozen=True, slots=True)
class Slots:
    """What is known of somebody who asks; an empty text is not known."""

    name: str = ""
    company: str = ""
    phone: str = ""
    wechat: str = ""
    email: str = ""
    city: str = ""
    need: str = ""
    budget: str = ""
    quantity: str = ""
    timing: str = ""

    @property
    def reachable(self) -> bool:
        """Whether somebody could get in touch outside of this talk."""
        return bool(self.phone or self.wechat or self.email)

    def known(self) -> dict[str, str]:
        """The slots that are filled."""
        return {name: value for name, value in asdict(self).items() if value}

    def merged(self, newer: "Slots") -> "Slots":
        """What was known, with what a newer message says of the same."""
        return Slots(**{**asdict(self), **newer.known()})


_LEAD_IN = re.compile(
    r"(?:我的?|本人)?(?:电话|手机|号码|手机号|联系方式|微信|微信号|薇信|vx|wx|邮箱|"
    r"my (?:phone|number|wechat|email)(?: (?:number|id))?(?: is)?)\s*(?:是|为|:|：)*\s*$",
    re.IGNORECASE,
)


def without_contacts(text: str) -> str:
    """The text without phones, ids and addresses, so that what is asked stands alone."""
    plain = plain_digits(text)
    for phone in reversed(find_phones(plain)):
        plain = f"{_LEAD_IN.sub('', plain[: phone.begin])} {plain[phone.end :]}"
    for told in (*find_emails(plain), *find_wechat_ids(plain)):
        before, found, after = plain.partition(told)
        plain = f"{_LEAD_IN.sub('', before)} {after}" if found else plain
    return " ".join(plain.split()) or text


def extract_slots(text: str) -> Slots:
    """What a message tells; of several phones or ids the first counts. Of a very long text its ends are read."""
    if len(text) > 2 * LONG:
        text = f"{text[:LONG]}\n{text[-LONG:]}"
    phones, wechat, emails = find_phones(text), find_wechat_ids(text), find_emails(text)
    return Slots(
        name=find_name(text),
        company=find_company(text),
        phone=phones[0].stored if phones else "",
        wechat=wechat[0] if wechat else "",
        email=emails[0] if emails else "",
        city=find_city(text),
        budget=find_budget(text),
        quantity=find_quantity(text),
        timing=find_time(text),
    )
