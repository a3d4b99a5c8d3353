"""One spelling for what people type: width, case, script, punctuation and the polite words around a question."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_CJK = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAS_CJK = re.compile(f"[{_CJK}]")
_NOT_WORD = re.compile(f"[^0-9a-z{_CJK}]+")
_LONG_RUN = re.compile(r"(.)\1{2,}")

_FILLERS_ZH = (
    "请问一下", "我想问一下", "我想请问", "想问一下", "想请问", "想咨询一下", "想咨询下", "咨询一下", "咨询下", "想了解一下", "想了解下",
    "了解一下", "我想知道", "想知道", "想问问", "想问下", "问一下", "问下", "问一哈", "请教一下", "请教下", "麻烦问下", "麻烦问一下",
    "麻烦您", "麻烦你", "麻烦", "打扰一下", "打扰了", "不好意思", "请问", "你好", "您好", "在不在", "在吗", "在么", "哈喽", "早上好", "下午好",
    "晚上好", "亲亲", "老板娘", "老板", "掌柜的", "掌柜", "小姐姐", "小哥哥", "客服", "谢谢啦", "谢谢", "多谢", "辛苦了", "拜托",
    "这边", "那个啥", "那个", "就是说", "话说", "顺便", "你们家", "你们店里", "你们店", "你们那边", "你们那儿", "你们那", "咱们家", "咱家", "你家",
    "你们", "咱们", "贵司", "贵公司", "告诉我", "告诉一下", "说一下", "说下", "讲一下", "帮忙", "帮我", "能否", "能不能", "可不可以", "可以不可以",
)  # fmt: skip
_FILLERS_EN = (
    "excuse me", "could you please tell me", "could you tell me", "can you tell me", "please tell me", "tell me", "i would like to know",
    "i'd like to know", "i want to know", "i was wondering if", "i was wondering", "just wondering", "wondering if", "do you know", "quick question",
    "good morning", "good afternoon", "good evening", "hi there", "hello", "hey", "hi", "please", "pls", "plz", "thanks", "thank you", "thx", "sorry", "btw",
)  # fmt: skip
_PARTICLES = re.compile("[呢啊呀吧哈嘛哦噢喔嗯呃哎欸诶啦咯哟捏滴]+")
_ZH = re.compile("|".join(sorted(_FILLERS_ZH, key=len, reverse=True)))
_EN = re.compile(r"\b(?:" + "|".join(re.escape(words) for words in sorted(_FILLERS_EN, key=len, reverse=True)) + r")\b")


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Full width to half, upper case to lower, traditional characters to simplified, long runs of one sign shortened."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if _HAS_CJK.search(folded):
        folded = _converter().convert(folded)
    return _LONG_RUN.sub(r"\1\1", folded).strip()


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The question without its courtesies and punctuation; a text of courtesies alone stays as it is."""
    folded = fold(text)
    bare = _PARTICLES.sub(" ", _EN.sub(" ", _ZH.sub(" ", folded)))
    words = _NOT_WORD.sub(" ", bare).strip()
    return words or _NOT_WORD.sub(" ", folded).strip()


def exact_key(text: str) -> str:
    """Two texts with the same key are the same question."""
    return normalise(text).replace(" ", "")


def language_of(text: str) -> str:
    """`zh` when a fair part of the text is Chinese, `en` for Latin letters, empty for neither."""
    chinese = len(_HAS_CJK.findall(text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    if chinese and chinese * 2 >= latin:
        return "zh"
    return "en" if latin else ""
