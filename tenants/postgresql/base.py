"""``ENGINE = "tenants.postgresql"``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.utils import InterfaceError, OperationalError
from django_tenants.postgresql_backend import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks whether a kept connection still lives by setting the church's search path on it, and tells
    ``tenants.transactions`` what a rollback drops.

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

    def commit(self) -> None:
        try:
            super().commit()
        except (OperationalError, InterfaceError):
            # It may have committed after all; so nothing is told to be undone.
            self.run_on_commit: list[Any] = []
            raise

    def rollback(self) -> None:
        with self._telling_what_is_dropped():
            super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        with self._telling_what_is_dropped():
            super().savepoint_rollback(sid)

    def close(self) -> None:
        with self._telling_what_is_dropped():
            super().close()

    @contextmanager
    def _telling_what_is_dropped(self) -> Iterator[None]:
        # Deferred: it reads the church's model, which needs this engine.
        from tenants.transactions import tell_of_rollback

        waiting = list(self.run_on_commit)
        yield
        # Django makes the entries anew that it keeps, with the same functions.
        kept = {id(entry[1]) for entry in self.run_on_commit}
        tell_of_rollback(entry for entry in waiting if id(entry[1]) not in kept)
