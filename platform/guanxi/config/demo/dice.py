"""Chance with a seed: the same company at every filling, relative to its day."""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from guanxi.config.demo import words

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Shanghai")
# Tea and gifts: before the Spring Festival, spring tea, before Mid-Autumn.
SEASON = {1: 1.5, 2: 0.55, 3: 0.95, 4: 1.25, 5: 1.15, 6: 0.8, 7: 0.75, 8: 1.15, 9: 1.6, 10: 0.8, 11: 1.0, 12: 1.35}


class Dice:
    """A seeded source of everything that is left to chance."""

    def __init__(self, seed: str, now: datetime) -> None:
        self.random = random.Random(seed)
        self.now = now
        self._names: set[str] = set()
        self._phones: set[str] = set()

    def chance(self, share: float) -> bool:
        """Return True with this probability."""
        return self.random.random() < share

    def pick(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return self.random.choice(values)

    def weighted(self, values: Sequence[tuple[T, float]]) -> T:
        """Return one of the values by its weight."""
        return self.random.choices([value for value, _ in values], [weight for _, weight in values])[0]

    def between(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return self.random.randint(low, high)

    def person(self) -> str:
        """Return a person's name."""
        return self.pick(words.SURNAMES) + self.pick(words.GIVEN)

    def phone(self) -> str:
        """Return a mobile number of nobody; it is made up."""
        while True:
            number = (
                self.pick(["138", "139", "136", "158", "186", "187", "135", "177"]) + f"{self.between(0, 99999999):08d}"
            )
            if number not in self._phones:
                self._phones.add(number)
                return number

    def company(self) -> tuple[str, str, float, str, str]:
        """Return a company's name, industry, weight of its spending, province and city."""
        while True:
            industry, endings, weight = self.pick(words.INDUSTRIES)
            province, city = self.weighted([((p, c), w) for p, c, w in words.CITIES])
            name = f"{city}{self.pick(words.BRANDS)}{self.pick(endings)}"
            if name not in self._names:
                self._names.add(name)
                return name, industry, weight, province, city

    def amount(self, weight: float) -> int:
        """Return the money of a deal in yuan, in hundreds: few are large, most are small."""
        value = math.exp(self.random.gauss(9.1, 0.85)) * weight
        return max(600, min(480_000, round(value / 100) * 100))

    def moment(self, day: datetime) -> datetime:
        """Return a moment of that day's working hours in China, never later than now."""
        hour = self.weighted([(9, 2), (10, 4), (11, 3), (13, 1), (14, 4), (15, 4), (16, 3), (17, 2), (20, 1)])
        local = datetime.combine(day.astimezone(ZONE).date(), time(hour, self.between(0, 59)), tzinfo=ZONE)
        return min(local.astimezone(UTC), self.now - timedelta(minutes=self.between(30, 300)))

    def after(self, moment: datetime, low_hours: float, high_hours: float) -> datetime:
        """Return a moment so many hours later."""
        return moment + timedelta(hours=self.random.uniform(low_hours, high_hours))

    def fill(self, text: str) -> str:
        """Fill the numbers of a sentence."""
        number, budget = self.pick([20, 30, 50, 80, 100, 150, 200, 300]), self.pick([88, 128, 168, 198, 268, 398])
        return text.replace("{n}", str(number)).replace("{b}", str(budget)).replace("{d}", self.pick(words.DEALS))


def months(now: datetime, count: int) -> list[tuple[datetime, int]]:
    """Return (first moment, number of days) of the last `count` months, the present one last and only until today."""
    first = now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts = [first]
    for _ in range(count - 1):
        first = (first - timedelta(days=1)).replace(day=1)
        starts.append(first)
    starts.reverse()
    ends = [*starts[1:], now.astimezone(ZONE)]
    return [(start, max(1, (end - start).days)) for start, end in zip(starts, ends, strict=True)]
