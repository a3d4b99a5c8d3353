"""Who may do what to which record: actors, permissions, scopes, field modes."""
