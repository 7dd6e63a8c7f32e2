"""What rooms above may react to, sent inside the door's transaction.

``event_registered``: ``registration``, of a person or a guest, with a place or waiting; ``origin``.
``registration_promoted``: ``registration``, which had waited and has a place now.
``attendance_recorded``: ``registration``, of a person or a guest who was there, when that is written down.
``event_cancelled``: ``event``, ``occurrence_start`` (of one date of a series; None for all of it).
"""

from django.dispatch import Signal

event_registered = Signal()
registration_promoted = Signal()
attendance_recorded = Signal()
event_cancelled = Signal()
