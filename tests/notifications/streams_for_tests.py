"""The realtime process with kinds for tests, and a heart that beats faster.

``granian tests.notifications.streams_for_tests:application`` in place of ``churchsaas.asgi:application``.
"""

from __future__ import annotations

import os

from churchsaas.asgi import application
from notifications.stream import hub
from tests.notifications.kinds_for_tests import name_kinds

name_kinds()
hub.HEARTBEAT_SECONDS = float(os.environ.get("TEST_HEARTBEAT_SECONDS", "30"))

__all__ = ["application"]
