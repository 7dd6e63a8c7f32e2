"""What rooms above may react to. Each is sent inside the door's transaction.

``church_provisioned``: ``church``; sent inside the new church.
``church_resumed``: ``church``; sent inside a church that was suspended or comes out of a file, so that
rooms can take up unfinished jobs.
``church_deleted``: ``church``; sent inside the platform, after its schema was dropped: rooms see to what lies
outside of the database.
``church_settings_changed``: ``church``.
``church_swept``: ``church``; sent once a day inside each active church, for rooms to delete what has
expired. It alone is sent outside of a transaction.
``church_day_began``: ``church``, ``day``; sent inside the church at 2 o'clock in the morning of each of its
days. ``church_week_began``: ``church``, ``day``, a Monday; sent at 9 o'clock of it. Both are sent in a job
(``tenants.local_clock``), late after an outage, and again when a worker died over it: receivers must be
safe to call twice for one day. A day on which nothing ran from its first to its last moment is left out.
"""

from django.dispatch import Signal

church_provisioned = Signal()
church_resumed = Signal()
church_settings_changed = Signal()
church_deleted = Signal()
church_swept = Signal()
church_day_began = Signal()
church_week_began = Signal()
