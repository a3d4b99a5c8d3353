"""A number written in signs that have no width: it stays in a header when the table is copied on."""

ZERO, ONE, EDGE = "\u200b", "\u200c", "\u2060"


def hidden_mark(number: int) -> str:
    """Return the number in signs that nobody sees."""
    return EDGE + "".join(ONE if bit == "1" else ZERO for bit in f"{number:b}") + EDGE


def read_mark(text: str) -> int | None:
    """Return the number that is hidden in a text, None without one."""
    parts = text.split(EDGE)
    if len(parts) < 3 or not parts[1]:
        return None
    bits = "".join("1" if sign == ONE else "0" if sign == ZERO else "x" for sign in parts[1])
    return None if "x" in bits else int(bits, 2)
