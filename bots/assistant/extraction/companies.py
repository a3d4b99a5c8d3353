"""The writer's company: its name, and not the many sentences in which people merely speak of a company."""

import re
import unicodedata

from bots.assistant.extraction.facts import SURNAME, TITLE

_LEGAL = r"(?:有限责任公司|股份有限公司|有限公司|股份公司)"
_BODY = r"(?:集团|事务所)"
_HOUSE = (
    r"(?:公司|工作室|商行|贸易行|茶行|茶庄|茶楼|酒店|宾馆|饭店|餐厅|医院|学校|大学|学院|银行|协会|商会|超市|书院|会所|"
    r"幼儿园|研究院|培训中心)"
)
_RUN = "[\u4e00-\u9fffA-Za-z0-9()·&]"
_ANY_TAIL = rf"(?:{_LEGAL}|(?:{_BODY}|{_HOUSE}){_LEGAL}?)"
_OWN = r"(?:我们?|咱们?|本人|我司|这里|这边|我这边|我们这边)"
_SUBJECT = r"(?:单位|公司|企业|酒店|学校|店|抬头)"
_PRESENTED = re.compile(
    rf"(?:{_OWN}\s*(?:就?是|在|叫做?|为)|来自|帮(?![我你他她忙])|(?<![们个我家])单位|{_SUBJECT}(?:全称|名称|名字|名)?\s*(?:就?是|叫做?|为|开|[:：]|(?<=单位)\s))"
    rf"\s*[:：]?\s*({_RUN}{{2,24}}?{_ANY_TAIL})"
)
_REGISTERED = re.compile(rf"({_RUN}{{2,24}}?(?:{_LEGAL}|{_BODY}{_LEGAL}?))")
_BEFORE_PERSON = re.compile(rf"(?:^|[\s,，。;；:：、])({_RUN}{{2,10}}?{_ANY_TAIL})的?(?={SURNAME}{TITLE})")

# Behind the last of these the name begins: whoever is spoken of, how many, and the words that name a name.
_BEGINS_BEHIND = re.compile(
    r".*(?:我们?|你们?|您|咱们?|[他她它]们|贵公司|贵司|贵单位|这家|那家|哪家|哪个|[一两二三几多某有]家|[一两几某这那]个|什么|来自|"
    r"(?:公司|单位|抬头|企业)(?:全称|名称|名字|名)?(?:就?是|叫做?|为|[:：])?|[厂店](?:叫做?|是))"
)
_LEAD = re.compile(r"^(?:寄[到给往]|[送发开][到给]|帮忙?|麻烦|请|叫做?|就?是|司是|在|给|[到去]|的)+")
_TAIL_BEGINS = re.compile(rf"(?={_ANY_TAIL}$)")

# What is left is no name if it says only what kind of company it is,
_KIND = re.compile(
    r"(?:本|该|分|子|母|总|大|小|老|新|好|中|型|有限|股份|责任|某|外贸|贸易|内贸|上市|科技|正规|食品|茶叶|茶|快递|物流|货运|礼品|广告|装修|装饰|"
    r"建筑|房地产|地产|保险|金融|医药|电商|软件|互联网|网络|文化|传媒|设计|咨询|旅游|旅行|印刷|包装|中介|培训|服装|餐饮|制造|代理|"
    r"国有|国营|国资|民营|私营|私立|公立|外资|合资|跨国|本地|外地|当地|连锁|五星级?|星级|企业|合作|客户|同行|集团|控股|和|及|与)*"
)
# or if it is a piece of a sentence.
_SENTENCE = re.compile(
    r"可以|能不能|能否|能[给把在]|不是|怎么|哪|多少|有没有|是否|是不是|需要|想(?:[要订买问开找给和跟]|注册|成立)|要[订买开找去]|希望|有卖|印[上在]|发货|"
    r"附近|旁边|隔壁|楼下|对面|介绍|推荐|注册|成立|加盟|参观|比较|别的|其[他它]|另外|所有|任何|很多|许多|还是|都[是有]|用顺丰|上班|孩子|朋友|"
    r"老公|老婆|爱人|老板|同事|探望|礼盒|发票|以前|之前|刚|^做|(?<!^美)的$|[开做个找换到给了说去在住有印写把送吗呢吧]$"
)
_ENGLISH = re.compile(
    r"\b((?:[A-Z][\w&'-]*\s+){1,4}(?:Co\.?,?\s*Ltd\.?|Ltd\.?|Inc\.?|LLC|GmbH|Corp\.?|Company|Trading|Group|Hotel))(?![A-Za-z])"
)


def find_company(text: str) -> str:
    """The writer's company, if it has a name: as they present it, in full legal form, or before a person's title."""
    folded = unicodedata.normalize("NFKC", text)
    for pattern in (_PRESENTED, _REGISTERED, _BEFORE_PERSON):
        for match in pattern.finditer(folded):
            name = _name_in(match.group(1))
            if name:
                return name
    english = _ENGLISH.search(folded)
    return english.group(1).strip() if english else ""


def _name_in(run: str) -> str:
    """The name at the end of a run of characters that ends as companies do."""
    before, tail = _TAIL_BEGINS.split(run, maxsplit=1)
    own = _LEAD.sub("", _BEGINS_BEHIND.sub("", before)).strip("·&")
    if len(own) + len(tail) < 4 or _KIND.fullmatch(own) or _SENTENCE.search(own):
        return ""
    return own + tail
