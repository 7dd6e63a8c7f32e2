"""``ENGINE = "tenants.postgresql"``."""

from __future__ import annotations

import psycopg
from django_tenants.postgresql_backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks whether a kept connection still lives by setting the church's search path on it.

    Django's health check sends ``SELECT 1`` at the first query of each request, and the search path
    follows in a statement of its own. The second one answers the first one's question.
    """

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        self.search_path_set_schemas = None
        try:
            with self.connection.cursor() as cursor:
                self._handle_search_path(cursor)
        except psycopg.Error:
            return False
        return self.search_path_set_schemas is not None
