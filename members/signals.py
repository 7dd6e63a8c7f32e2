"""What rooms above may react to, sent inside the door's transaction.

``member_joined``: ``member``, ``origin`` (``api``, ``admin``, ``import`` …).
``member_changed``: ``member``, ``fields``, ``origin``. ``members_tagged``: ``member_ids``, ``tags``
(tags that people were given after they had joined, by whichever door).
``member_removed``: ``member``. ``member_restored``: ``member``, who was deleted and is there again.
``member_erased``: ``member_ids``, the person and whoever went into them by a merge; see
``members.personal_data.registry`` for how a room declares what becomes of its own rows.
"""

from django.dispatch import Signal

member_joined = Signal()
member_changed = Signal()
members_tagged = Signal()
member_removed = Signal()
member_restored = Signal()
member_erased = Signal()
