"""The first rows of a new workspace: built-in roles, the root of the department tree, the owner."""

from guanxi.common import clock
from tenants.accounts.services import create_user
from tenants.members.models import Department, Member, Role
from tenants.members.types import BuiltInRole
from tenants.workspaces.types import FoundedOwner, Founder


def make_owner(founder: Founder) -> FoundedOwner:
    """Make the roles, the root department and the owner; registered with `tenants.workspaces`."""
    roles = Role.objects.bulk_create([Role(code=role.value, built_in=True) for role in BuiltInRole])
    root = Department.objects.create(name=founder.company)
    root.path = f"/{root.pk}/"
    user_id = create_user(
        email=founder.email,
        name=founder.name,
        phone=founder.phone,
        password_hash=founder.password_hash,
        locale=founder.locale,
    )
    owner = Member.objects.create(
        user_id=user_id,
        name=founder.name,
        phone=founder.phone,
        department=root,
        locale=founder.locale,
        timezone=founder.timezone,
    )
    owner.roles.add(next(role for role in roles if role.code == BuiltInRole.OWNER))
    Department.objects.filter(pk=root.pk).update(path=root.path, head=owner, updated_at=clock.now())
    return FoundedOwner(user_id=user_id, member_id=owner.pk)
