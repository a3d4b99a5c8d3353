"""Digits as people write them: full width, Chinese, 幺 for one, with separators between."""

import re
import unicodedata

_CHINESE = str.maketrans("零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖", "0011223456789123456789")
_RUN = re.compile(
    r"[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖0-9](?:[\s\-—–.·]?[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖0-9]){6,}"
)
_CHINESE_DIGIT = re.compile("[零〇一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖]")
_CIRCLED = {ord(circled): str(number) for number, circled in enumerate("⓪①②③④⑤⑥⑦⑧⑨")}


def plain_digits(text: str) -> str:
    """The text with half-width digits, and with runs of seven and more Chinese digits written as digits."""
    folded = unicodedata.normalize("NFKC", text.translate(_CIRCLED))
    return _RUN.sub(
        lambda found: found.group().translate(_CHINESE) if _CHINESE_DIGIT.search(found.group()) else found.group(),
        folded,
    )
