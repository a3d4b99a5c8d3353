"""What a tenant's plan allows: a port that billing fills."""
