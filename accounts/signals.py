"""What rooms above may react to, each with ``user``, sent inside the door's transaction.

``user_joined`` and ``user_removed``. ``sign_ins_changed``: a login or browser session of theirs was ended,
or they were given another role or switched off, so that what is open in their name may have to end.
"""

from django.dispatch import Signal

user_joined = Signal()
user_removed = Signal()
sign_ins_changed = Signal()
