"""Events of duplicates."""

PAIR_FOUND = "duplicate.found"
PAIR_IGNORED = "duplicate.ignored"
TRANSFER_REQUESTED = "transfer_request.created"
TRANSFER_DECIDED = "transfer_request.decided"
