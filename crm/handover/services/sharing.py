"""Who of several receivers gets a record."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from crm.handover.models import Handover, HandoverItem
from crm.handover.selectors.belongings import parents_of_rows
from crm.handover.types import Rule, Target
from guanxi.access import Actor
from tenants.members.selectors import visible_departments


class Sharing:
    """Chooses receivers; `turns` says whose turn it is for each kind and goes on from chunk to chunk."""

    def __init__(self, handover: Handover, target: Target, turns: Mapping[str, int]) -> None:
        self.handover, self.target = handover, target
        self.turns: Counter[str] = Counter(turns)
        self.shares = self._by_value()

    def _by_value(self) -> dict[str, int]:
        shares = {share.value: share.member_id for share in self.target.shares}
        if self.target.rule is not Rule.DEPARTMENT:
            return shares
        rows = visible_departments(Actor.system("handover: who gets what")).filter(
            pk__in=[int(value) for value in shares if value.isdigit()]
        )
        return {path: shares[str(pk)] for pk, path in rows.values_list("pk", "path")}

    def choose(self, kind: str, rows: Iterable[Any]) -> dict[int, int | None]:
        """Return record's id → who gets it, None when nobody can: what hangs below a record follows it."""
        rows = list(rows)
        if len(self.target.receiver_ids) <= 1:
            one = next(iter(self.target.receiver_ids), None)
            return {row.pk: one for row in rows}
        parents = parents_of_rows(kind, rows) if kind not in ("customer", "lead") else {}
        gone = self._gone({parent for named in parents.values() for parent in named})
        return {row.pk: self._one(kind, row, [gone[p] for p in parents.get(row.pk, ()) if p in gone]) for row in rows}

    def _gone(self, parents: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
        if not parents:
            return {}
        items = HandoverItem.objects.filter(
            handover=self.handover,
            kind__in={kind for kind, _ in parents},
            record_id__in={pk for _, pk in parents},
            to_owner_id__isnull=False,
        )
        rows = items.values_list("kind", "record_id", "to_owner_id")
        return {(kind, pk): to for kind, pk, to in rows if to is not None}

    def _one(self, kind: str, row: Any, followed: list[int]) -> int | None:
        if followed:
            return followed[0]
        if self.target.rule is Rule.REGION:
            regions = (getattr(row, "city", ""), getattr(row, "province", ""))
            named = next((self.shares[region] for region in regions if region in self.shares), None)
        elif self.target.rule is Rule.DEPARTMENT:
            path = getattr(row, "owner_department_path", "")
            longest = max((own for own in self.shares if path.startswith(own)), key=len, default=None)
            named = self.shares[longest] if longest is not None else None
        else:
            named = None
        return named if named is not None else self._in_turn(kind)

    def _in_turn(self, kind: str) -> int | None:
        members = self.target.member_ids
        if not members:
            return None
        if self.target.rule is not Rule.EVENLY:
            return members[0]
        turn = self.turns[kind]
        self.turns[kind] += 1
        return members[turn % len(members)]
