"""Finds members by what people write of them."""

from crm.imports.columns.converting import CellFault, text_of
from guanxi.access import Actor
from tenants.members.selectors import visible_members


class Members:
    """The members at work, by name and by e-mail, read once for a whole table."""

    def __init__(self) -> None:
        self._known: dict[str, list[int]] = {}
        self.paths: dict[int, str] = {}
        rows = visible_members(Actor.system("import")).filter(state="active")
        for pk, name, email, path in rows.values_list("pk", "name", "user__email", "department__path"):
            self.paths[pk] = path or ""
            for word in {" ".join(name.split()).casefold(), email.casefold()}:
                self._known.setdefault(word, []).append(pk)

    def __call__(self, cell: object) -> int:
        """Return the member that a cell names."""
        found = self._known.get(" ".join(text_of(cell).split()).casefold(), [])
        if not found:
            raise CellFault("unknown_member")
        if len(found) > 1:
            raise CellFault("ambiguous_member")
        return found[0]
