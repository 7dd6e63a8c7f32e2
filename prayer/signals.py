"""What rooms above may react to, sent inside the door's transaction.

``prayer_requested``: ``request``, just made. ``prayer_answered``: ``request``, which was marked answered.
Who asks anonymously stays so: what a receiver makes of a request it shows through ``prayer.visibility``.
"""

from django.dispatch import Signal

prayer_requested = Signal()
prayer_answered = Signal()
