"""What a process asks itself once, before it serves anybody.

``python -m churchsaas.startup granian …`` asks and then becomes that program. A server that is told
to replace processes that fail would otherwise start the refused ones again and again.
"""

from __future__ import annotations

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tenants.pooling import Pooling, refuse_shared_search_path


def refuse_unsafe_start(*, listens: bool = False) -> None:
    """Raises ImproperlyConfigured when the way to the database would mix churches up.

    ``listens``: this process waits for events of the channel layer, which on PostgreSQL takes a
    connection with a server process of its own.
    """
    pooling = refuse_shared_search_path(settings.DATABASE_URL)
    if listens and pooling is Pooling.TRACKED and not settings.REDIS_URL:
        raise ImproperlyConfigured(
            "DATABASE_URL leads to a pooler in transaction mode, through which PostgreSQL sends no "
            "notifications: sockets would hear nothing. Set REDIS_URL, or pool_mode = session."
        )


def main() -> None:
    """Becomes the program named by the arguments, or ends with status 1 and the reason."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "churchsaas.settings")
    try:
        refuse_unsafe_start()
    except ImproperlyConfigured as reason:
        sys.exit(str(reason))
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])  # noqa: S606 - the caller's own program


if __name__ == "__main__":
    main()
