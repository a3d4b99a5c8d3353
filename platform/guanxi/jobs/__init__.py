"""Long work with progress, and the base of every Celery task."""
