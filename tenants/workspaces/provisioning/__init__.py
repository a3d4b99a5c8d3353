"""Making schemas: migrating, keeping their SQL, replaying it into spares, renaming a spare for a sign-up."""
