"""The people of the test tenants, the same in both."""

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.tenancy import tenant_scope

PASSWORD = "long enough for anybody 7"
# role → (member's name, department, manager's role, the role's code)
PEOPLE = {
    "admin": ("Admin", "root", "owner", "admin"),
    "manager": ("Manager", "sales", "owner", "manager"),
    "rep": ("Rep", "sales", "manager", "rep"),
    "rep2": ("Rep Two", "east", "manager", "rep"),
    "agent": ("Agent", "service", "owner", "agent"),
}


class Team(dict[str, Actor]):
    """Actors by the name of their part."""


def make_people(name: str) -> None:
    """Put departments and people into a tenant that has its owner already."""
    from tenants.accounts.models import User
    from tenants.members.models import Department, Member, Role
    from tests.world import tenant

    ref = tenant(name)
    with tenant_scope(ref):
        owner = Member.objects.get()
        root = owner.department or Department.objects.create(name="Company")
        root.path = root.path or f"/{root.pk}/"
        root.save()
        departments = {"root": root}
        for child, parent in (("sales", "root"), ("east", "sales"), ("service", "root")):
            department = Department.objects.create(name=child, parent=departments[parent])
            department.path = f"{departments[parent].path}{department.pk}/"
            department.save()
            departments[child] = department
        members = {"owner": owner}
        for part, (full_name, department_name, manager, role) in PEOPLE.items():
            user = User.objects.create_user(email=f"{part}@{name}.example.com", password=PASSWORD, name=full_name)
            member = Member.objects.create(
                user=user,
                name=full_name,
                department=departments[department_name],
                manager=members[manager],
                created_at=clock.now(),
            )
            member.roles.add(Role.objects.get(code=role))
            members[part] = member


def actor_named(part: str) -> Actor:
    """Return the actor of somebody in the present tenant."""
    from tenants.members.models import Member
    from tenants.members.selectors import load_member_actor

    member = Member.objects.select_related("user").get(user__email__startswith=f"{part}@")
    actor = load_member_actor(member.user)
    assert actor is not None
    return actor
