"""Who asks and for what: name, city, budget, quantity and time."""

import re
import unicodedata
from functools import cache
from importlib import resources

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦昌马苗凤方俞任袁柳史唐费薛雷贺倪汤殷罗毕郝安常傅卞齐康伍余顾孟黄穆萧尹姚邵汪"
    "祁毛狄贝戴宋庞熊纪舒屈项祝董梁杜阮蓝季麻贾江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房干丁宣邓单洪包左石崔吉龚程邢裴陆荣翁荀羊惠甄曲封储靳段焦巴牧谷侯全宫宁"
    "仇栾甘厉祖武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲邰鄂索赖卓蔺屠蒙池乔阴胥苍闻莘党翟谭贡姬申扶冉郦雍桑桂牛寿通边燕冀浦尚温庄晏柴瞿阎慕连茹习艾鱼容向古易廖庾居衡步都耿满"
    "弘匡国文寇广禄东欧沃利越隆师巩聂晁勾敖融冷辛阚那简饶曾关相游权岳帅缑亢况有琴商佘佴伯赏南宫肖涂闫覃"
)
_DOUBLE = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|端木|司徒|长孙"
SURNAME = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
TITLE = (
    r"(?:先生|女士|小姐|老师|经理|总监|总|老板|主任|主管|医生|工|师傅|哥|姐|阿姨|"
    r"同学|店长|部长|处长|科长|院长|校长|会计)"
)
_HAN = "[\u4e00-\u9fff]"
_CALLED = re.compile(
    r"(?:我叫|我是|叫我|我姓名|姓名|名字(?:叫|是)?|联系人|收件人|称呼|公司的)\s*[:：是叫]?\s*"
    rf"({SURNAME}{_HAN}{{1,2}})(?!{_HAN})"
)
_CALLED_LOOSE = re.compile(
    rf"(?:我叫|名字叫|姓名|联系人)\s*[:：是叫]?\s*({SURNAME}{_HAN}{{1,2}}?)(?=[,，。;；\s]|电话|手机|微信|是|在|[0-9]|$)"
)
_TITLED = re.compile(rf"(?<!{_HAN})(?:我是|我姓|叫我|免贵姓|鄙人姓|称呼|联系人)?\s*[:：]?\s*({SURNAME}{TITLE})")
_SURNAME_ONLY = re.compile(rf"(?:我姓|免贵姓|贵姓|鄙姓)\s*({SURNAME})(?!{_HAN}{{2}})")
_BESIDE_PHONE = re.compile(rf"(?:^|[\s,，。;；:：、])({SURNAME}{_HAN}{{1,2}})[\s,，:：、]*(?=\+?1[3-9]\d|\+?86)")
_AFTER_PHONE = re.compile(
    rf"1[3-9][\d\s-]{{9,12}}[\s,，:：、(（]+({SURNAME}(?:{_HAN}{{1,2}}|{TITLE}))(?=$|[\s,，。;；)）])"
)
_ENGLISH_NAME = re.compile(
    r"(?:my name is|name is|name:|i am|i'm|this is|call me)\s+"
    r"((?:mr\.?|ms\.?|mrs\.?|dr\.?)?\s*[A-Z][a-z]+(?:\s+[A-Z][a-z]+){0,2})",
    re.IGNORECASE,
)
_NOT_NAMES = re.compile(
    "你们|我们|客户|老板|经理|公司|广州|杭州|北京|上海|深圳|第一次|做茶|开店|想买|想问|有限|那个|这个|什么"
)

_SCALE = r"(?:万|千|百|k|w)?"
_BUDGET = re.compile(
    r"(?:预算|价位|价格|单价|人均|每份|一份|每盒|一盒|控制在|不超过|budget|around|about|under|up to)\s*"
    r"(?:大概|大约|差不多|在|是|为|不超过|is|of|:|：|有|就)*\s*"
    rf"((?:¥|￥|\$|rmb|cny)?\s*[0-9][0-9,.]{{0,12}}\s*(?:[-~到至—–]|to)?\s*[0-9,.]{{0,12}}\s*{_SCALE}\s*"
    r"(?:元|块钱?|多|左右|以内|以下|上下|rmb|cny|yuan|dollars|usd)*)",
    re.IGNORECASE,
)
_BUDGET_AFTER = re.compile(
    rf"([0-9][0-9,.]{{0,12}}\s*(?:[-~到至—–]\s*[0-9,.]{{1,12}})?\s*{_SCALE}\s*(?:元|块钱?|rmb)\s*"
    r"(?:左右|以内|以下|上下|的预算|预算|一份|一盒|每份|每盒|/份|/盒)|[0-9]{1,6}\s*(?:万|千)\s*(?:左右|以内|预算))",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"((?<![0-9一二两三四五六七八九十百千万几])(?:[0-9]{1,9}|[一二两三四五六七八九十百千万几]{1,9})\s*(?:多)?\s*"
    r"(?:盒|份|套|箱|斤|公斤|kg|件|提|罐|饼|个礼盒|boxes|sets|cartons|pcs|pieces|kilos))",
    re.IGNORECASE,
)
_WEEKDAY = "[一二三四五六日天末]"
_DAY = (
    rf"(?:今天|明天|后天|大后天|[下这本]周{_WEEKDAY}?|下个?月(?:初|中|底|[0-9]{{1,2}}[号日])?|这个?月(?:底|[0-9]{{1,2}}[号日])?|"
    r"月底(?:前|之前)?|年底(?:前|之前)?|年前|节前|(?:中秋|春节|端午|国庆)节?(?:前|之前)?|"
    rf"[0-9]{{1,2}}月(?:份|[0-9]{{1,2}}[号日]?)?|[0-9]{{1,2}}[号日]|周{_WEEKDAY}|星期{_WEEKDAY})"
)
_HOUR = r"[0-9一二三四五六七八九十]{1,3}[点:：](?:[0-9]{1,2}分?|半)?"
_ENGLISH_DAY = (
    r"\b(?:today|tomorrow|tonight|(?:next|this) (?:week|month|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|"
    r"by (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:the )?end of \w+|\w+ \d{1,2}))\b"
)
_TIME = re.compile(
    rf"({_DAY}(?:早上|上午|中午|下午|晚上|傍晚)?(?:{_HOUR})?(?:之?前|左右|以前)?|(?:早上|上午|中午|下午|晚上){_HOUR}|{_ENGLISH_DAY})",
    re.IGNORECASE,
)


@cache
def _cities() -> re.Pattern[str]:
    names = resources.files("bots.assistant.extraction").joinpath("cities.txt").read_text("utf-8").split()
    ordered = sorted(set(names), key=len, reverse=True)
    return re.compile(
        "("
        + "|".join(re.escape(name) for name in ordered)
        + ")(?!路|街|西路|东路|大道|菜|银行|公司|中路|南路|北路|烤鸭)",
        re.IGNORECASE,
    )


def find_name(text: str) -> str:
    """The name that the writer gives, or a surname with a title."""
    folded = unicodedata.normalize("NFKC", text)
    for pattern in (_CALLED, _CALLED_LOOSE, _TITLED, _BESIDE_PHONE, _AFTER_PHONE, _SURNAME_ONLY):
        for match in pattern.finditer(folded):
            name = match.group(1).strip()
            if not _NOT_NAMES.search(name):
                return name
    english = _ENGLISH_NAME.search(folded)
    return _proper(english.group(1)) if english else ""


def _proper(name: str) -> str:
    words = name.split()
    # "i am looking for…" begins like a name and is none: a name is written with a capital.
    kept = [word for word in words if word[:1].isupper()]
    return " ".join(kept) if kept and kept[0] == words[0] else ""


def find_city(text: str) -> str:
    """The first city or province that is named."""
    found = _cities().search(unicodedata.normalize("NFKC", text))
    return found.group(1) if found else ""


def find_budget(text: str) -> str:
    """What the customer means to spend, in their own words."""
    folded = unicodedata.normalize("NFKC", text)
    found = _BUDGET_AFTER.search(folded) or _BUDGET.search(folded)
    return " ".join(found.group(1).split()).strip(",.") if found else ""


def find_quantity(text: str) -> str:
    """How many they want."""
    found = _QUANTITY.search(unicodedata.normalize("NFKC", text))
    return found.group(1).replace(" ", "") if found else ""


def find_time(text: str) -> str:
    """By when, or when to call."""
    found = _TIME.search(unicodedata.normalize("NFKC", text))
    return found.group(1) if found else ""
