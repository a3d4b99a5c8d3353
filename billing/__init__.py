"""What companies pay, and what they get for it."""
