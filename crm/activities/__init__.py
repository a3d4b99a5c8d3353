"""Activities, tasks and the one timeline."""
