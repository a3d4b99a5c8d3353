"""Secrets at rest: sealed with AES-256-GCM, bound to tenant, field and row."""

from guanxi.secrets.redaction import RedactingFilter, redact, redact_text
from guanxi.secrets.rotation import (
    SealedColumn,
    register_resealer,
    register_sealed_column,
    reseal_current_schema,
)
from guanxi.secrets.sealing import SecretError, is_current, reseal, seal, unseal

__all__ = [
    "RedactingFilter",
    "SealedColumn",
    "SecretError",
    "is_current",
    "redact",
    "redact_text",
    "register_resealer",
    "register_sealed_column",
    "reseal",
    "reseal_current_schema",
    "seal",
    "unseal",
]
