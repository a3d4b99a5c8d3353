"""What a column of a table can go into, how its header is understood, and how its cells become values."""
