"""Members, departments, roles, invitations, API keys."""
