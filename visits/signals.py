"""What rooms above may react to, sent inside the door's transaction, each with ``visit``.

``visit_booked``; ``visit_rescheduled`` (``visit`` is the new one, ``before`` the one that was moved);
``visit_completed``; ``visit_cancelled``. All come with ``origin`` (``api``, ``admin`` …).
"""

from django.dispatch import Signal

visit_booked = Signal()
visit_rescheduled = Signal()
visit_completed = Signal()
visit_cancelled = Signal()
