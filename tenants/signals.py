"""What rooms above may react to. Each is sent inside the door's transaction.

``church_provisioned``: ``church``; sent inside the new church.
``church_resumed``: ``church``; sent inside the church, so that rooms can take up unfinished jobs.
``church_settings_changed``: ``church``.
"""

from django.dispatch import Signal

church_provisioned = Signal()
church_resumed = Signal()
church_settings_changed = Signal()
