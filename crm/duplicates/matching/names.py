"""Chinese company names: what is the name proper, and how likely two of them are the same company.

A registered name is place + name + trade + legal form, 杭州 茗溪 茶业 有限公司, in an order that people change, with
parts that they leave out. Place and form are taken off; branches and numbered works are companies of their own.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from crm.duplicates.matching.places import NAMES, NATION, at_odds, is_place, leading_place, trailing_place
from crm.records.pinyin import readings

FORMS = (
    "股份有限责任公司", "有限责任公司", "股份有限公司", "集团有限公司", "有限合伙企业", "农民专业合作社", "个体工商户",
    "普通合伙", "有限合伙", "合伙企业", "专业合作社", "有限公司", "总公司", "工作室", "经营部", "门市部", "合作社",
    "公司", "集团", "股份", "控股", "商行", "商店", "总厂", "厂",
)  # fmt: skip
LATIN_FORMS = {
    "co", "ltd", "inc", "llc", "llp", "corp", "corporation", "company", "limited", "gmbh", "plc", "pte", "group",
    "sdn", "bhd", "pty", "ag", "sa", "kk", "holdings", "incorporated", "the",
}  # fmt: skip
TRADES = (
    "信息技术", "网络科技", "网络技术", "电子商务", "电子科技", "信息科技", "生物科技", "智能科技", "文化传媒",
    "文化传播", "企业管理", "投资管理", "供应链管理", "国际贸易", "进出口", "房地产", "医疗器械", "科技发展", "科技",
    "技术", "贸易", "商贸", "实业", "电子", "机械", "茶业", "食品", "餐饮", "服饰", "建材", "化工", "物流", "传媒",
    "咨询", "医药", "汽车", "家居", "家具", "教育", "软件", "网络", "信息", "置业", "建设", "建筑", "装饰", "广告",
    "旅游", "酒店", "酒业", "啤酒", "银行", "保险", "证券", "投资", "能源", "材料", "环保", "农业", "纺织", "印刷",
    "包装", "通信", "制品", "制造", "客车", "管理", "服务", "发展", "国际", "产业", "百货", "超市", "大学", "医院",
    "学校", "酒楼", "饭店", "药业", "电器", "五金", "塑料", "金属", "设备", "仪器", "玩具", "珠宝", "美容", "文化",
    "体育", "健康", "医疗", "供应链", "租赁",
)  # fmt: skip
BRANCHES = "分公司|支公司|办事处|代表处|营业部|分店|门店|旗舰店|专卖店|分行|支行|分厂|店"
# A letter more or less that makes another name: no slip of the pen, a choice of the founders.
CHOSEN = set("一二三四五六七八九十甲乙丙丁东西南北中新老大小上下前后左右0123456789")
NUMERALS = {numeral: str(place) for place, numeral in enumerate("〇一二三四五六七八九十")}
MIN_CORE = 2
MIN_FUZZY = 4
MIN_LATIN_FUZZY = 8
MAX_NAME = 60

SAME = 1.0
LIKELY = 0.75
OTHER_PLACE = 0.5
_BRACKETS = re.compile(r"[(\[{【〔《<]([^)\]}】〕》>]*)[)\]}】〕》>]")
_NOT_NAME = re.compile(r"[^0-9a-z\u3400-\u9fffà-ÿ]+")
_CODE = re.compile(
    r"第([〇一二三四五六七八九十]+|\d+)"
    r"|([〇一二三四五六七八九十]+)(?=厂|店|部|分公司|分店|公司|建|局|处|队|院|中学|小学|号)"
)
_UNIT = re.compile(r"\d+")
_BRANCH = re.compile(rf"^(.*?)(?:{BRANCHES})$")
_FORM_INSIDE = re.compile(r"^(.{2,}?(?:有限责任公司|有限公司|集团|公司))(.+)$")
_BRANCH_END = re.compile(r"(?:分公司|支公司|办事处|代表处|营业部|分店|分行|支行|分厂)$")


@dataclass(frozen=True, slots=True)
class CompanyName:
    """The parts of a company's name; `brand` is the core without its trade."""

    core: str
    brand: str = ""
    places: frozenset[str] = frozenset()
    branch: str = ""
    units: tuple[str, ...] = ()

    @property
    def is_latin(self) -> bool:
        """Return whether the name is written in letters."""
        return self.core.isascii()


@lru_cache(maxsize=4096)
def parse_company(name: str) -> CompanyName:
    """Return the parts of a company's name."""
    text = unicodedata.normalize("NFKC", name[: MAX_NAME * 2]).casefold()[:MAX_NAME]
    places: set[str] = set()
    text, branch = _without_brackets(text, places)
    if not re.search(r"[\u3400-\u9fff]", text):
        return _latin(text, places)
    text = _NOT_NAME.sub("", text)
    text = _CODE.sub(lambda found: _numbered(found[1] or found[2]), text)
    text, cut = _without_branch(text)
    units = tuple(_UNIT.findall(text))
    if text in FORMS:
        return CompanyName("")
    full = text
    text = _without_places(_without_forms(text), places)
    brand = _without_trade(text)
    if len(text) < MIN_CORE or not brand:
        # 北京银行 is not the bank in Beijing but its name.
        text, places = _without_forms(full), set()
        brand = text
    return CompanyName(text, brand, frozenset(places), branch or cut, units)


def core_name(name: str) -> str:
    """Return the name proper: without place, legal form, brackets and signs."""
    return parse_company(name).core


def _numbered(numerals: str) -> str:
    return "".join(NUMERALS.get(numeral, numeral) for numeral in numerals)


def _without_brackets(text: str, places: set[str]) -> tuple[str, str]:
    branch = ""
    kept: list[str] = []
    position = 0
    for found in _BRACKETS.finditer(text):
        kept.append(text[position : found.start()])
        position = found.end()
        inside = _NOT_NAME.sub("", found[1])
        if is_place(inside):
            places.add(leading_place(inside)[0])
        elif (match := _BRANCH.match(inside)) and inside:
            branch = match[1] or inside
        elif inside in TRADES or (re.search(r"\d|[一二三四五六七八九十]", inside) and len(inside) <= 4):
            kept.append(inside)
    return "".join([*kept, text[position:]]), branch


def _latin(text: str, places: set[str]) -> CompanyName:
    words = re.findall(r"[0-9a-zà-ÿ]+", text.replace("'", "").replace("&", " and "))
    # L.L.C. and Co., Ltd. come as letters and words.
    joined = " ".join(words).replace("l l c", "llc")
    while (words := joined.split()) and len(words) > 1 and words[-1] in LATIN_FORMS:
        joined = " ".join(words[:-1])
    words = [word for place, word in enumerate(joined.split()) if not (place == 0 and word == "the")]
    core = "".join(words)
    return CompanyName(core, core, frozenset(places), "", tuple(_UNIT.findall(core)))


def _without_branch(text: str) -> tuple[str, str]:
    if not _BRANCH_END.search(text):
        inside = _FORM_INSIDE.match(text)
        if inside and text.endswith("店"):
            return inside[1], inside[2].removesuffix("店")
        return text, ""
    stem = _BRANCH_END.sub("", text)
    if inside := _FORM_INSIDE.match(stem):
        return inside[1], inside[2]
    rest, place = trailing_place(stem)
    if place and len(rest) >= MIN_CORE:
        return rest, place
    return stem, "*"


def _without_forms(text: str) -> str:
    shorter = True
    while shorter:
        shorter = False
        for form in FORMS:
            if text.endswith(form) and len(text) - len(form) >= MIN_CORE:
                text, shorter = text[: -len(form)], True
    return text


def _without_places(text: str, places: set[str]) -> str:
    while True:
        name, rest = leading_place(text)
        if not name or len(rest) < MIN_CORE:
            break
        places.add(name)
        text = rest
        if (district := re.match(r"^[\u3400-\u9fff]{1,3}?[区县]", text)) and len(text) - district.end() >= MIN_CORE:
            text = text[district.end() :]
            places |= {district[0][:-1]} & set(NAMES)
    rest, name = trailing_place(text)
    if name and len(rest) >= MIN_CORE and name != NATION:
        places.add(name)
        text = _without_forms(rest)
    return text


def _without_trade(core: str) -> str:
    brand, shorter = core, True
    while shorter:
        shorter = False
        for trade in TRADES:
            if brand.endswith(trade):
                brand, shorter = brand[: -len(trade)], True
    return brand


def variants_of(name: str) -> list[str]:
    """Return the keys under which a name and those that are nearly it are found.

    Two names that differ by one letter share one of the texts that are left when one letter is taken out, and names
    that sound alike share their syllables: looked up by equality, where similarity would have to read the whole base.
    """
    parts = parse_company(name)
    core = parts.core
    found = dict.fromkeys([core])
    if len(parts.brand) >= 3 and parts.brand != core:
        found[parts.brand] = None
    if len(core) >= (MIN_LATIN_FUZZY if parts.is_latin else MIN_FUZZY):
        found |= dict.fromkeys(core[:place] + core[place + 1 :] for place in range(min(len(core), 24)))
    if not parts.is_latin and len(core) >= 3:
        found[f"~{_sound(core)}"] = None
    return [variant for variant in found if len(variant) >= MIN_CORE]


@lru_cache(maxsize=4096)
def _sound(core: str) -> str:
    return " ".join(each[0] if each else letter for each, letter in zip(readings(core), core, strict=False))


def likeness(one: str, other: str) -> float:
    """Return how likely two names are of the same company; from `LIKELY` on they are taken to be."""
    a, b = parse_company(one), parse_company(other)
    if not a.core or not b.core or a.branch != b.branch or a.units != b.units:
        return 0.0
    score = _cores(a, b)
    if score and at_odds(a.places, b.places):
        return min(score, OTHER_PLACE)
    if score == SAME and bool(a.places) != bool(b.places):
        return 0.95
    return score


def _cores(a: CompanyName, b: CompanyName) -> float:
    if a.core == b.core:
        return SAME
    if min(len(a.core), len(b.core)) >= 3 and not a.is_latin and _sound(a.core) == _sound(b.core):
        return 0.85
    if _is_short_for(a, b) or _is_short_for(b, a):
        return 0.8
    smallest = MIN_LATIN_FUZZY if a.is_latin and b.is_latin else MIN_FUZZY
    if min(len(a.core), len(b.core)) < smallest:
        return 0.0
    return _nearly(a, b)


def _is_short_for(short: CompanyName, long: CompanyName) -> bool:
    return len(short.core) >= 3 and short.core == short.brand == long.brand


def _nearly(a: CompanyName, b: CompanyName) -> float:
    before = next(
        (place for place, (x, y) in enumerate(zip(a.core, b.core, strict=False)) if x != y),
        min(len(a.core), len(b.core)),
    )
    rest, other = a.core[before:], b.core[before:]
    if len(rest) == len(other) and rest[:2] == other[:2][::-1] and rest[2:] == other[2:]:
        return 0.85
    if rest[1:] == other:
        return _one_more(rest[0], a.core)
    if other[1:] == rest:
        return _one_more(other[0], b.core)
    if rest[1:] == other[1:] and not {rest[0], other[0]} & CHOSEN:
        # Another letter in the trade is another trade; in a short name it is another name.
        in_brand = before < min(len(a.brand), len(b.brand))
        return 0.76 if in_brand and min(len(a.brand), len(b.brand)) >= (7 if a.is_latin else 6) else 0.0
    return 0.0


def _one_more(letter: str, core: str) -> float:
    return 0.0 if letter in CHOSEN or core.isdigit() else 0.8
