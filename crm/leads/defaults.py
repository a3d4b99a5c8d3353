"""The assignment rule of a new workspace: everything goes to the owner, until there are colleagues."""

from crm.leads.models import AssignmentRule
from tenants.workspaces.types import Founding

NAMES = ("默认分配", "Default assignment")


def write_defaults(founding: Founding) -> None:
    """Write the rule."""
    chinese = founding.locale.startswith("zh")
    AssignmentRule.objects.create(name=NAMES[0] if chinese else NAMES[1], member_ids=[founding.owner.member_id])
