"""How Chinese is read: the readings of a run of characters, and what somebody who types letters may mean by them."""

from functools import lru_cache
from itertools import pairwise, product

MAX_READINGS = 3
MAX_MEANINGS = 4
MAX_LETTERS = 40
# Nobody can guess where a syllable ends better than the table of them all.
_TABLE = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng cha
chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu cuan
cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en
eng er fa fan fang fei fen feng fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui
gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia jian jiang jiao jie
jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua kuai kuan kuang kui kun kuo
la lai lan lang lao le lei leng li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve ma mai
man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen neng ni nian
niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie
pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong
rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she shei shen sheng shi shou
shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao te tei teng ti tian
tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing
xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen
zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong
zou zu zuan zui zun zuo
"""
_SYLLABLES = frozenset(_TABLE.split())
_BEGINNINGS = frozenset(syllable[:end] for syllable in _SYLLABLES for end in range(1, len(syllable)))
_TWO_LETTERS = ("zh", "ch", "sh")
_NO_INITIAL = frozenset("iuv")
_LONGEST = 6

Meaning = tuple[str, ...]


@lru_cache(maxsize=50_000)
def _readings_of_word(word: str) -> tuple[tuple[str, ...], ...]:
    from pypinyin import Style, pinyin

    found = pinyin(word, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(tuple(dict.fromkeys(part for part in each if part.isalpha()))[:MAX_READINGS] for each in found)


@lru_cache(maxsize=20_000)
def readings(run: str) -> tuple[tuple[str, ...], ...]:
    """Return the readings of each character of a run, the likeliest in its context first, at most three."""
    # Imported late: the dictionary of pinyin costs 30 MB, which a process that never writes a name should not pay.
    from pypinyin.seg import mmseg

    # Names are all different, the words in them are not: a word is looked up once.
    return tuple(reading for word in mmseg.seg.cut(run) for reading in _readings_of_word(word))


@lru_cache(maxsize=5_000)
def meanings(letters: str) -> tuple[Meaning, ...]:
    """Return how typed letters can be cut into syllables and initials, the fewest parts first, at most
    four and the initials alone.

    `shengs` is (sheng, s); a syllable that is not finished at the end counts as its initial. An initial is one letter:
    zh, ch and sh are z, c and s.
    """
    if len(letters) > MAX_LETTERS:
        return ()
    # Behind[i] holds the ways to cut what begins at i.
    behind: list[list[Meaning]] = [[] for _ in letters] + [[()]]
    for start in range(len(letters) - 1, -1, -1):
        ways = [(token, *rest) for token, end in _tokens(letters, start) for rest in behind[end]]
        behind[start] = sorted(dict.fromkeys(ways), key=_cost)[:MAX_MEANINGS]
    # Where whole syllables fit, nobody meant half of them; and each way to cut costs a look into the index.
    whole = [meaning for meaning in behind[0] if all(len(token) > 1 for token in meaning)]
    behind[0] = whole or behind[0]
    initials = tuple(letters)
    if not _NO_INITIAL.intersection(letters) and initials not in behind[0]:
        behind[0].append(initials)
    return tuple(behind[0])


def _cost(meaning: Meaning) -> int:
    # Whoever types whole syllables seldom stops in the middle of one.
    return sum(1 if len(token) > 1 else 2 for token in meaning)


def _tokens(letters: str, start: int) -> list[tuple[str, int]]:
    tokens = []
    for end in range(min(len(letters), start + _LONGEST), start, -1):
        part = letters[start:end]
        if part in _SYLLABLES:
            tokens.append((part, end))
        elif _is_initial(part) or (end == len(letters) and len(part) > 1 and part in _BEGINNINGS):
            tokens.append((part[0], end))
    return tokens


def _is_initial(part: str) -> bool:
    return part in _TWO_LETTERS or (len(part) == 1 and part not in _NO_INITIAL)


def pair_keys(run: str) -> tuple[list[str], list[str]]:
    """Return the keys of a run's readings: pairs of initials, and syllables alone and in pairs."""
    each = readings(run)
    initials: dict[str, None] = {}
    syllables: dict[str, None] = {}
    for reading in each:
        syllables |= dict.fromkeys(f"s:{part}" for part in reading)
    for one, two in pairwise(each):
        for a, b in product(one, two):
            initials[f"y:{a[0]}{b[0]}"] = None
            syllables[f"s:{a}.{b}"] = None
    return list(initials), list(syllables)


def keys_of(meaning: Meaning) -> list[str]:
    """Return the keys that a name has which is meant so; none for a single initial, which says nothing."""
    if len(meaning) == 1:
        return [f"s:{meaning[0]}"] if meaning[0] in _SYLLABLES else []
    wanted: set[str] = set()
    # A syllable between initials has no pair of its own.
    alone = {token for token in meaning if len(token) > 1}
    for one, two in pairwise(meaning):
        if len(one) > 1 and len(two) > 1:
            wanted.add(f"s:{one}.{two}")
            alone -= {one, two}
        else:
            wanted.add(f"y:{one[0]}{two[0]}")
    return sorted(wanted | {f"s:{token}" for token in alone})
