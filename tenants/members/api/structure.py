"""Departments and roles."""

from collections import Counter
from typing import Any

from guanxi.access import known_permissions
from guanxi.http.router import ApiRequest, AppRouter
from tenants.members import selectors, services
from tenants.members.models import Member
from tenants.members.presenting import department_out, role_out
from tenants.members.schemas import (
    DepartmentChangesIn,
    DepartmentIn,
    DepartmentMoveIn,
    DepartmentOut,
    DepartmentsOut,
    RoleChangesIn,
    RoleIn,
    RoleOut,
    RolesOut,
    Status,
)

router = AppRouter(tag="members")


def _members_by_department() -> Counter[int | None]:
    return Counter(Member.objects.filter(state=Member.State.ACTIVE).values_list("department_id", flat=True))


def _shown_department(request: ApiRequest, department_id: int) -> dict[str, Any]:
    return department_out(
        selectors.access_department(request.actor, department_id), _members_by_department()[department_id]
    )


@router.get("/departments", permission="department.read", response=DepartmentsOut)
def departments_list(request: ApiRequest) -> dict[str, Any]:
    """Return the tree, parents before children."""
    numbers = _members_by_department()
    return {
        "items": [
            department_out(department, numbers[department.pk])
            for department in selectors.visible_departments(request.actor)
        ]
    }


@router.post("/departments", permission="department.manage", response={201: DepartmentOut})
def departments_create(request: ApiRequest, body: DepartmentIn) -> Status[dict[str, Any]]:
    """Create a department."""
    department = services.create_department(actor=request.actor, name=body.name, parent_id=body.parent_id)
    return Status(201, _shown_department(request, department.pk))


@router.patch("/departments/{int:department_id}", permission="department.manage", response=DepartmentOut)
def departments_update(request: ApiRequest, department_id: int, body: DepartmentChangesIn) -> dict[str, Any]:
    """Rename a department, change its place among its siblings, or its head."""
    given = body.dict(exclude_unset=True)
    services.update_department(
        actor=request.actor,
        department_id=department_id,
        name=body.name,
        position=body.position,
        head_id=body.head_id,
        clear_head="head_id" in given and body.head_id is None,
    )
    return _shown_department(request, department_id)


@router.post("/departments/{int:department_id}/move", permission="department.manage", response=DepartmentOut)
def departments_move(request: ApiRequest, department_id: int, body: DepartmentMoveIn) -> dict[str, Any]:
    """Hang a department with all below it under another one."""
    services.move_department(actor=request.actor, department_id=department_id, parent_id=body.parent_id)
    return _shown_department(request, department_id)


@router.delete("/departments/{int:department_id}", permission="department.manage", response={204: None})
def departments_delete(request: ApiRequest, department_id: int) -> Status[None]:
    """Remove an empty department."""
    services.remove_department(actor=request.actor, department_id=department_id)
    return Status(204, None)


def _members_by_role() -> Counter[int]:
    active = Member.roles.through.objects.filter(member__state=Member.State.ACTIVE)
    return Counter(active.values_list("role_id", flat=True))


def _shown_role(request: ApiRequest, role_id: int) -> dict[str, Any]:
    return role_out(selectors.access_role(request.actor, role_id), _members_by_role()[role_id])


@router.get("/roles", permission="role.read", response=RolesOut)
def roles_list(request: ApiRequest) -> dict[str, Any]:
    """Return the roles with all that they grant, and which permissions there are."""
    numbers = _members_by_role()
    items = [role_out(role, numbers[role.pk]) for role in selectors.visible_roles(request.actor)]
    return {"items": items, "permissions": {kind: list(actions) for kind, actions in known_permissions().items()}}


# No key may hold `role.manage`: a route that every key is refused has no place in the public description.
PEOPLE_ONLY = "who may do what is decided by people, never by a key"


@router.post("/roles", permission="role.manage", private=PEOPLE_ONLY, response={201: RoleOut})
def roles_create(request: ApiRequest, body: RoleIn) -> Status[dict[str, Any]]:
    """Create a role that grants no more than the caller has."""
    given = body.dict()
    role = services.create_role(
        actor=request.actor, code=body.code, name=body.name, grants=given["grants"], field_modes=body.field_modes
    )
    return Status(201, _shown_role(request, role.pk))


@router.patch("/roles/{int:role_id}", permission="role.manage", private=PEOPLE_ONLY, response=RoleOut)
def roles_update(request: ApiRequest, role_id: int, body: RoleChangesIn) -> dict[str, Any]:
    """Change a role."""
    given = body.dict()
    services.update_role(
        actor=request.actor, role_id=role_id, name=body.name, grants=given["grants"], field_modes=body.field_modes
    )
    return _shown_role(request, role_id)


@router.delete("/roles/{int:role_id}", permission="role.manage", private=PEOPLE_ONLY, response={204: None})
def roles_delete(request: ApiRequest, role_id: int) -> Status[None]:
    """Remove a role that nobody has."""
    services.remove_role(actor=request.actor, role_id=role_id)
    return Status(204, None)
