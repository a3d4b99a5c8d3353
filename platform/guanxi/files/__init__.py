"""Files of a tenant."""
