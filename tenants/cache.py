"""Keys of the ``default`` cache carry the church.

django-tenants' own key function asks the database connection, which on the event loop is not the
request's: two churches would share a key there.
"""

from .context import entered_church_id


def church_key(key: str, key_prefix: str, version: int) -> str:
    """Cache key for ``key`` within the church that was entered, or within the platform."""
    return f"{key_prefix}:{entered_church_id() or 'platform'}:{version}:{key}"
