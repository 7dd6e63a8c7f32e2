"""What rooms above may react to, sent inside the door's transaction.

``member_joined``: ``member``, ``origin`` (``api``, ``admin``, ``import`` …).
``member_changed``: ``member``, ``fields``, ``origin``. ``members_tagged``: ``member_ids``, ``tags``
(tags that people were given after they had joined, by whichever door).
``member_removed``: ``member``.
"""

from django.dispatch import Signal

member_joined = Signal()
member_changed = Signal()
members_tagged = Signal()
member_removed = Signal()
