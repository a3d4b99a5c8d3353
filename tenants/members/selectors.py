"""Reads members."""

from tenants.members.models import Member


def department_path_of(member_id: int | None) -> str:
    """Return the path of the member's department, empty without one."""
    if member_id is None:
        return ""
    path = Member.objects.filter(pk=member_id).values_list("department__path", flat=True).first()
    return path or ""
