"""Users of a tenant and how they sign in."""
