"""What happens to any record. The aggregate is the record itself."""

SHARED = "record.shared"  # subject, level
UNSHARED = "record.unshared"  # subject
