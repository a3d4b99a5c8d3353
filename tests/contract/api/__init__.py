"""The public API against its own description, over HTTP, with odd input."""
