"""The department tree. Every change holds the lock of the root, so that two moves cannot make a circle."""

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr

from guanxi.access import Actor, require
from guanxi.audit import diff, record_audit, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from tenants.members import events
from tenants.members.models import Department, Member

EVERYONE = Audience(everyone=True)
MAX_DEPTH = 12


def _locked_tree() -> dict[int, Department]:
    return {department.pk: department for department in Department.objects.select_for_update().order_by("pk")}


def _find(tree: dict[int, Department], department_id: int, field: str = "") -> Department:
    department = tree.get(department_id)
    if department is None and field:
        raise Invalid("unknown_department", "There is no such department.", fields={field: "unknown"})
    if department is None:
        raise NotFound("department", department_id)
    return department


def _root(tree: dict[int, Department]) -> Department:
    return next(department for department in tree.values() if department.parent_id is None)


def create_department(*, actor: Actor, name: str, parent_id: int | None = None) -> Department:
    """Create a department below another one, below the root when none is named."""
    require(actor, "department.manage")
    with transaction.atomic():
        tree = _locked_tree()
        parent = _find(tree, parent_id, "parent_id") if parent_id is not None else _root(tree)
        _require_depth(parent.path)
        siblings = [d for d in tree.values() if d.parent_id == parent.pk]
        department = Department.objects.create(name=_name(name, siblings), parent=parent, position=len(siblings))
        department.path = f"{parent.path}{department.pk}/"
        department.save(update_fields=["path"])
        record_audit(
            actor=actor,
            action="created",
            kind="department",
            record_id=department.pk,
            changes={"name": (None, department.name)},
        )
        record_event(events.DEPARTMENT_CREATED, actor=actor, aggregate=("department", department.pk), audience=EVERYONE)
    return department


def update_department(
    *,
    actor: Actor,
    department_id: int,
    name: str | None = None,
    position: int | None = None,
    head_id: int | None = None,
    clear_head: bool = False,
) -> Department:
    """Rename a department, change its place among its siblings, or its head."""
    require(actor, "department.manage")
    with transaction.atomic():
        tree = _locked_tree()
        department = _find(tree, department_id)
        before = snapshot(department, ("name", "position", "head"))
        if name is not None:
            siblings = [d for d in tree.values() if d.parent_id == department.parent_id and d.pk != department.pk]
            department.name = _name(name, siblings)
        if position is not None:
            department.position = position
        if head_id is not None or clear_head:
            department.head = _head(head_id)
        changed = diff(before, snapshot(department, ("name", "position", "head")))
        if changed:
            department.updated_at = clock.now()
            department.save(update_fields=["name", "position", "head", "updated_at"])
            record_audit(actor=actor, action="updated", kind="department", record_id=department.pk, changes=changed)
            data = {"fields": sorted(changed)}
            record_event(
                events.DEPARTMENT_UPDATED,
                actor=actor,
                aggregate=("department", department.pk),
                data=data,
                audience=EVERYONE,
            )
    return department


def move_department(*, actor: Actor, department_id: int, parent_id: int) -> Department:
    """Hang a department, with all below it, under another one.

    Records keep the path that their owner had when they came to it.
    """
    require(actor, "department.manage")
    with transaction.atomic():
        tree = _locked_tree()
        department, parent = _find(tree, department_id), _find(tree, parent_id, "parent_id")
        if department.parent_id is None:
            raise Conflict("root_department", "The root of the tree stays where it is.")
        if parent.path.startswith(department.path):
            raise Conflict("circle_of_departments", "A department cannot hang under itself.")
        old, new = department.path, f"{parent.path}{department.pk}/"
        if old == new:
            return department
        _require_depth(
            parent.path, below=max(d.path.count("/") for d in tree.values() if d.path.startswith(old)) - old.count("/")
        )
        _name(department.name, [d for d in tree.values() if d.parent_id == parent.pk])
        tail = Substr(F("path"), len(old) + 1)
        Department.objects.filter(path__startswith=old).update(path=Concat(Value(new), tail), updated_at=clock.now())
        Department.objects.filter(pk=department.pk).update(parent=parent)
        department.refresh_from_db()
        record_audit(
            actor=actor, action="moved", kind="department", record_id=department.pk, changes={"path": (old, new)}
        )
        data = {"from": old, "to": new}
        record_event(
            events.DEPARTMENT_MOVED, actor=actor, aggregate=("department", department.pk), data=data, audience=EVERYONE
        )
    return department


def remove_department(*, actor: Actor, department_id: int) -> None:
    """Remove a department that has neither members nor departments below it."""
    require(actor, "department.manage")
    with transaction.atomic():
        tree = _locked_tree()
        department = _find(tree, department_id)
        if department.parent_id is None:
            raise Conflict("root_department", "The root of the tree stays.")
        if (
            any(d.parent_id == department.pk for d in tree.values())
            or Member.objects.filter(department=department).exists()
        ):
            raise Conflict("department_not_empty", "Move its members and the departments below it first.")
        department.delete()
        record_audit(
            actor=actor,
            action="removed",
            kind="department",
            record_id=department_id,
            changes={"name": (department.name, None)},
        )
        record_event(events.DEPARTMENT_REMOVED, actor=actor, aggregate=("department", department_id), audience=EVERYONE)


def _name(name: str, siblings: list[Department]) -> str:
    stripped = name.strip()
    if not 1 <= len(stripped) <= 50:
        raise Invalid("invalid_name", "A name has 1 to 50 characters.", fields={"name": "length"})
    if any(sibling.name.lower() == stripped.lower() for sibling in siblings):
        raise Invalid(
            "department_name_taken", "Beside it there is a department of this name.", fields={"name": "taken"}
        )
    return stripped


def _head(head_id: int | None) -> Member | None:
    if head_id is None:
        return None
    head = Member.objects.filter(pk=head_id, state=Member.State.ACTIVE).first()
    if head is None:
        raise Invalid("unknown_member", "There is no such member at work.", fields={"head_id": "unknown"})
    return head


def _require_depth(parent_path: str, *, below: int = 0) -> None:
    if parent_path.count("/") + below > MAX_DEPTH:
        raise Conflict("tree_too_deep", f"Departments go {MAX_DEPTH} levels deep at most.", params={"limit": MAX_DEPTH})
