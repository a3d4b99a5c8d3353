"""What every business record has in common, and the registry of record kinds."""
