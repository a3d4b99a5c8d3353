"""Who may do what to which record: actors, permissions, scopes, field modes."""

from guanxi.access.policy import allows, in_scope, require, scope_q
from guanxi.access.registry import ANYONE, SIGNED_IN, is_known, known_permissions, register_permissions
from guanxi.access.types import Actor, ActorKind, FieldMode, Grant, Scope

__all__ = [
    "ANYONE",
    "SIGNED_IN",
    "Actor",
    "ActorKind",
    "FieldMode",
    "Grant",
    "Scope",
    "allows",
    "in_scope",
    "is_known",
    "known_permissions",
    "register_permissions",
    "require",
    "scope_q",
]
