"""The API of members and of what belongs to them."""

from tenants.members.api.invitations import router as invitations
from tenants.members.api.keys import router as keys
from tenants.members.api.people import router as people
from tenants.members.api.session import router as session
from tenants.members.api.sharing import router as sharing
from tenants.members.api.structure import router as structure

__all__ = ["invitations", "keys", "people", "session", "sharing", "structure"]
