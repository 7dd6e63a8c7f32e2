"""What rooms above may react to, sent inside the door's transaction.

``member_joined``: ``member``, ``origin`` (``api``, ``admin``, ``import`` …).
``member_changed``: ``member``, ``fields``, ``origin``. ``members_tagged``: ``member_ids``, ``tags``
(tags that people were given after they had joined, by whichever door).
``members_imported``: ``members``, who are new; ``tagged``, id -> tags of those who were given some;
``batch``, the import's id; ``start_sequences``, whether whoever imports wants what usually starts for them
to start. It comes once for each portion, after the signals about each of them.
``member_removed``: ``member``. ``member_restored``: ``member``, who was deleted and is there again.
``member_erased``: ``member_ids``, the person and whoever went into them by a merge; see
``members.personal_data.registry`` for how a room declares what becomes of its own rows.
``members_merging``: ``survivor``, ``absorbed``, both locked, before anything of a merge is done.
``members_merged``: ``survivor``, ``absorbed_id``, after everything that referred to the one refers to the
other; ``member_removed`` is not sent. ``merge_undone``: ``survivor``, ``member`` (who is back).
"""

from django.dispatch import Signal

member_joined = Signal()
member_changed = Signal()
members_imported = Signal()
members_tagged = Signal()
member_removed = Signal()
member_restored = Signal()
member_erased = Signal()
members_merging = Signal()
members_merged = Signal()
merge_undone = Signal()
