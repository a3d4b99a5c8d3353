"""The mailbox held to what mail programs expect of it."""
