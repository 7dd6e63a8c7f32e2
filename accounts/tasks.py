"""Jobs of accounts: thin, a door does the work."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from tenants.context import current_church
from tenants.tasks import church_job

from . import links
from .models import User


@church_job
def mail_two_factor_change(*, user_id: str, what: str) -> None:
    """Mails the user that two-factor sign-in is ``on`` or ``off`` now, or has new recovery ``codes``."""
    user = User.objects.here().active().filter(pk=user_id).first()
    if user is None:
        return
    church = current_church()
    with translation.override(church.language):
        content = {"user": user, "church": church, "what": what}
        text = render_to_string("accounts/mail/two_factor.txt", content)
        subject = _("Your sign-in at %(church)s was changed") % {"church": church.name}
    EmailMessage(subject, text, to=[user.email]).send()


@church_job
def mail_link(*, email: str, purpose: str) -> None:
    """Mails the user with this address, if there is one, the link for ``purpose``."""
    # Deferred: the doors queue this job, so they import this module first.
    from .domain import send_link

    user = User.objects.here().active().with_email(email).first()
    if user is not None:
        send_link(user=user, purpose=links.PURPOSES[purpose])
