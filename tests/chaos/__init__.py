"""Parts are killed under load; nothing that was accepted is lost or doubled."""
