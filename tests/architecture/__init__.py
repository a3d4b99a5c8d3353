"""The rules of docs/architecture.md, each held by a check, and each check seen to fail on a breach."""
