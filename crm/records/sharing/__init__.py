"""Who works on a record beside its owner, who can see it and why, and what is shown only on request."""
