"""Which subdomains may be had, and what to propose instead."""

import re
import unicodedata
from itertools import count

from tenants.workspaces.models import Workspace
from tenants.workspaces.types import SubdomainAnswer

MIN_LENGTH, MAX_LENGTH = 2, 32
# Letters that a domain name may have in any country, so that no two workspaces can look the same by letters of another
# script.
SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")

_RESERVED_WORDS = """
about abuse account accounts admin administrator alipay api app apps assets auth autoconfig autodiscover base beta
billing blog bot business cdn chat checkout cloud community console contact customer customers dashboard data demo dev
developer developers dns docs download email enterprise event events example feedback files forum ftp git guanxi
hand-over health help host hostmaster http https id image images imap img info internal invoice invoices ios jobs kf
kefu ldap legal live livez local localhost login logout m mail media metrics mobile monitor mx news noc ns ns1 ns2
office official operator ops order orders partner pay payment payments phone platform pop pop3 portal postmaster prod
production proxy public readyz register root sales search secure security server service shop sign-in sign-up signin
signup sip smtp socket sso staff stage staging static stats status store support system team telegram tenant tencent
terms test tickets tls tools update upload uploads user users video vpn web webhook webhooks webmail websocket wechat
wecom weixin welcome widget wiki workspace wpad ws wss www xml
"""
RESERVED = frozenset(_RESERVED_WORDS.split())
# Digits and pairs that are read as other letters: `adrnin`, `we1xin`.
LOOKS_LIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("5", "s"), ("3", "e"), ("i", "l"), ("-", ""))


def look_of(slug: str) -> str:
    """Return what a slug looks like to a hasty reader; two slugs with the same look can be mistaken for each other."""
    for shown, read in LOOKS_LIKE:
        slug = slug.replace(shown, read)
    return slug


_RESERVED_LOOKS = frozenset(look_of(word) for word in RESERVED)


def is_well_formed(slug: str) -> bool:
    """Return whether a slug can be a subdomain; `xn--` and the like stand for other scripts and are refused."""
    return (
        MIN_LENGTH <= len(slug) <= MAX_LENGTH
        and SLUG.match(slug) is not None
        and slug[2:4] != "--"
        and not slug.isdigit()
    )


def is_reserved(slug: str) -> bool:
    """Return whether a slug is one of the platform's own, or looks like one."""
    return look_of(slug) in _RESERVED_LOOKS


def check_subdomain(text: str) -> SubdomainAnswer:
    """Say whether a subdomain may be had, why not, and which similar one may."""
    slug = unicodedata.normalize("NFKC", text).strip().lower()
    reason = _refusal(slug)
    return SubdomainAnswer(slug, available=not reason, reason=reason, suggestion=suggest(slug) if reason else "")


def _refusal(slug: str) -> str:
    if not is_well_formed(slug):
        return "format"
    if is_reserved(slug):
        return "reserved"
    return "taken" if Workspace.objects.filter(slug=slug).exists() else ""


def suggest(text: str) -> str:
    """Return a free subdomain near to a text, which may be a company's name in Chinese."""
    from pypinyin import lazy_pinyin  # its dictionaries take 56 MB, in every process that imports it

    words = unicodedata.normalize("NFKC", text).lower()
    letters = "".join(lazy_pinyin(words)) if not words.isascii() else words
    stem = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9]+", "-", letters)).strip("-")[: MAX_LENGTH - 4].strip("-") or "team"
    stem = f"{stem}-crm" if stem.isdigit() or len(stem) < MIN_LENGTH else stem
    taken = set(Workspace.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    if is_reserved(stem):
        candidates = (f"{stem}-co" if number == 1 else f"{stem}-co{number}" for number in count(1))
    return next(slug for slug in candidates if slug not in taken and is_well_formed(slug) and not is_reserved(slug))
