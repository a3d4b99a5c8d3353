"""Registers tenants.members with Django."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members, departments, roles, invitations, API keys."""

    name = "tenants.members"
    label = "members"

    def ready(self) -> None:
        """Name the permissions; say how users and keys become actors, and how a workspace gets its owner."""
        from guanxi.http.auth import register_actor_loaders
        from guanxi.notifications import register_kind, register_recipients
        from tenants.members import permissions, subscribers  # noqa: F401
        from tenants.members.actors import load_actor, load_key_actor
        from tenants.members.founding import make_owner
        from tenants.members.selectors import recipients
        from tenants.members.services import delegations  # noqa: F401
        from tenants.workspaces.services import register_owner_maker

        register_actor_loaders(member=load_actor, api_key=load_key_actor)
        register_owner_maker(make_owner)
        register_recipients(recipients)
        for kind in ("delegation_planned", "delegation_started", "delegation_ended"):
            register_kind(kind)
