"""What a member is told, on the bell and by mail."""
