"""What a transaction has to do with things that lie outside of the database.

PostgreSQL takes back what it wrote itself; an object in a store it cannot. ``on_rollback`` is the other half
of Django's ``on_commit``; the engine (``tenants.postgresql``) tells what is dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, transaction

from .context import current_church

logger = logging.getLogger(__name__)


class OnlyIfRolledBack:
    """Waits among what is to be done on commit, and acts when it is dropped from there."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function

    def __call__(self) -> None:
        """The transaction has committed."""

    def rolled_back(self) -> None:
        try:
            self._function()
        except Exception:
            # What went wrong first is on its way to whoever asked, and must not be hidden.
            logger.exception("undoing after a rollback failed")


def on_rollback(function: Callable[[], Any]) -> None:
    """Calls ``function`` when the present transaction, or the savepoint around this call, is rolled back.

    It must not need the database. Not called where the process dies, nor where the connection is lost while
    committing, because nobody knows then which of the two has happened.
    """
    transaction.on_commit(OnlyIfRolledBack(function))


def tell_of_rollback(entries: Iterable[Any]) -> None:
    """For the engine: ``entries`` of ``connection.run_on_commit`` will never be called."""
    for _savepoints, function, *_more in entries:
        if isinstance(function, OnlyIfRolledBack):
            function.rolled_back()


def hold(name: str) -> None:
    """Waits until nobody else of the entered church holds ``name``, and holds it until the transaction
    ends. For what is counted over many rows, of which none can be locked for all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{current_church().pk} {name}"]
        )
