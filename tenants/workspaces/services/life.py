"""The life of a workspace: its states, and the settings that it has as a whole."""

from typing import Any

from django.db import transaction

from guanxi.access import Actor, require
from guanxi.audit import diff, record_audit, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, NotFound
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.tenancy import public_scope, require_tenant, tenant_scope
from tenants.workspaces import events
from tenants.workspaces.directory import forget_workspace
from tenants.workspaces.models import Workspace, WorkspaceTransition

S = Workspace.State
# Every step has its way back but the last.
MOVES: dict[str, frozenset[str]] = {
    S.PROVISIONING: frozenset({S.TRIALING, S.ACTIVE}),
    S.TRIALING: frozenset({S.ACTIVE, S.PAST_DUE, S.READ_ONLY, S.SUSPENDED, S.CLOSING}),
    S.ACTIVE: frozenset({S.PAST_DUE, S.READ_ONLY, S.SUSPENDED, S.CLOSING}),
    S.PAST_DUE: frozenset({S.ACTIVE, S.READ_ONLY, S.SUSPENDED, S.CLOSING}),
    S.READ_ONLY: frozenset({S.ACTIVE, S.PAST_DUE, S.SUSPENDED, S.CLOSING}),
    S.SUSPENDED: frozenset({S.ACTIVE, S.PAST_DUE, S.READ_ONLY, S.CLOSING}),
    S.CLOSING: frozenset({S.ACTIVE, S.SUSPENDED, S.READ_ONLY, S.DELETED}),
    S.DELETED: frozenset(),
}
EDITABLE = ("name", "locale", "timezone", "currency")


def change_state(*, actor: Actor, workspace_id: int, to: str, reason: str) -> Workspace:
    """Move a workspace to another state; raise Conflict("state_not_allowed") when the machine has no such move."""
    with public_scope(), transaction.atomic():
        workspace = Workspace.objects.select_for_update().filter(pk=workspace_id).first()
        if workspace is None:
            raise NotFound("workspace", workspace_id)
        before = workspace.state
        if before == to:
            return workspace
        if to not in MOVES[before]:
            raise Conflict(
                "state_not_allowed", f"A workspace cannot go from {before} to {to}.", params={"from": before, "to": to}
            )
        enter_state(workspace, to, reason)
        if to != S.DELETED:
            with tenant_scope(workspace.ref):
                everyone = Audience(everyone=True)
                record_event(
                    events.STATE_CHANGED,
                    actor=actor,
                    aggregate=("workspace", workspace.pk),
                    data={"from": before, "to": to},
                    audience=everyone,
                )
        forget_workspace(workspace)
        return workspace


def enter_state(workspace: Workspace, to: str, reason: str) -> None:
    """Write the new state and its row of history; the caller has checked the move and holds the lock."""
    now = clock.now()
    WorkspaceTransition.objects.create(
        workspace=workspace,
        from_state=workspace.state,
        to_state=to,
        reason=reason,
        at=now,
        lasted=now - workspace.state_since,
    )
    workspace.state, workspace.state_since, workspace.updated_at = to, now, now
    Workspace.objects.filter(pk=workspace.pk).update(state=to, state_since=now, updated_at=now)


def change_plan(*, actor: Actor, workspace_id: int, plan_code: str) -> None:
    """Note which plan a workspace is on, and tell its pages; whoever sells plans decides it."""
    with public_scope(), transaction.atomic():
        workspace = Workspace.objects.select_for_update().filter(pk=workspace_id).first()
        if workspace is None:
            raise NotFound("workspace", workspace_id)
        if workspace.plan_code == plan_code:
            return
        Workspace.objects.filter(pk=workspace_id).update(plan_code=plan_code, updated_at=clock.now())
        with tenant_scope(workspace.ref):
            record_event(
                events.UPDATED,
                actor=actor,
                aggregate=("workspace", workspace_id),
                data={"fields": ["plan_code"]},
                audience=Audience(everyone=True),
            )


def update_workspace(*, actor: Actor, changes: dict[str, Any]) -> Workspace:
    """Change name, language, time zone or currency of the current workspace."""
    require(actor, "workspace.update")
    tenant = require_tenant()
    with transaction.atomic():
        with public_scope():
            workspace = Workspace.objects.select_for_update().get(pk=tenant.id)
            before = snapshot(workspace, EDITABLE)
            wanted = {name: value for name, value in changes.items() if name in EDITABLE and value is not None}
            Workspace.objects.filter(pk=tenant.id).update(**wanted, updated_at=clock.now())
            workspace.refresh_from_db()
        changed = diff(before, snapshot(workspace, EDITABLE))
        if changed:
            record_audit(actor=actor, action="updated", kind="workspace", record_id=workspace.pk, changes=changed)
            record_event(
                events.UPDATED,
                actor=actor,
                aggregate=("workspace", workspace.pk),
                data={"fields": sorted(changed)},
                audience=Audience(everyone=True),
            )
    return workspace
