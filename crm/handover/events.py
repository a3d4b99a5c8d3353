"""Events of handovers; a chunk is told once, as `<kind>.handed_over`."""

CHANGED = "handover.changed"  # state, moved
HANDED_OVER = {
    kind: f"{kind}.handed_over" for kind in ("customer", "lead", "contact", "deal", "task", "activity", "conversation")
}  # ids, from
