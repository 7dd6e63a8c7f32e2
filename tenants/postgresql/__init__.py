"""The database engine: django-tenants' with one round trip less a request."""
