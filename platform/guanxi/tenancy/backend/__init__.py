"""The database engine: django-tenants' wrapper with a guard."""
