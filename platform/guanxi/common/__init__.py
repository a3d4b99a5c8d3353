"""What every part needs and that needs nothing itself: clock, errors, ids, base model."""
