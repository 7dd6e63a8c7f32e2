"""Jobs of accounts: thin, a door does the work."""

from __future__ import annotations

from tenants.tasks import church_job

from . import links
from .models import User


@church_job
def mail_link(*, email: str, purpose: str) -> None:
    """Mails the user with this address, if there is one, the link for ``purpose``."""
    # Deferred: the doors queue this job, so they import this module first.
    from .domain import send_link

    user = User.objects.here().active().with_email(email).first()
    if user is not None:
        send_link(user=user, purpose=links.PURPOSES[purpose])
