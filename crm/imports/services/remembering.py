"""Remembers how somebody mapped a header, and proposes it when the same header comes again."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.imports.columns.guessing import apply_known, guess_mapping, header_digest, plain
from crm.imports.columns.targets import targets_of
from crm.imports.models import RememberedMapping
from guanxi.access import Actor
from guanxi.common import clock


def remember_mapping(
    *, actor: Actor, kind: str, headers: Sequence[str], mapping: Sequence[str], options: Mapping[str, Any]
) -> None:
    """Keep a mapping for the next table with this header."""
    RememberedMapping.objects.update_or_create(
        member_id=actor.member_id or 0,
        kind=kind,
        header_digest=header_digest(headers),
        defaults={
            "targets": {plain(header): name for header, name in zip(headers, mapping, strict=True)},
            "options": {name: options[name] for name in ("match_keys", "on_match", "bad_rows") if name in options},
            "updated_at": clock.now(),
        },
    )


def propose_mapping(*, actor: Actor, kind: str, headers: Sequence[str]) -> tuple[list[str], dict[str, Any], bool]:
    """Return where each column would go, with which options, and whether that is remembered rather than guessed."""
    targets = targets_of(actor, kind)
    known = RememberedMapping.objects.filter(
        member_id=actor.member_id or 0, kind=kind, header_digest=header_digest(headers)
    ).first()
    if known is not None:
        return apply_known(headers, known.targets, targets), dict(known.options), True
    mapping = guess_mapping(headers, targets)
    return mapping, {}, False
