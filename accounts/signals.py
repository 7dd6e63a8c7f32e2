"""What rooms above may react to: ``user_joined`` and ``user_removed``, each with ``user``."""

from django.dispatch import Signal

user_joined = Signal()
user_removed = Signal()
