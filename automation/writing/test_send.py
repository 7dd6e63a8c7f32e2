"""A trial: the message to oneself, as somebody would get it. Nothing is kept that a number could count."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from automation.models import BulkMail, Channel, EmailTemplate
from automation.sender import reply_to_of, sender_name_of
from core.rate_limits import Limit, count
from members.models import Member
from tenants.context import current_church
from tenants.models import Church
from tenants.tasks import church_job, enqueue

from .preview import Preview, person_for, preview_of
from .rendering import one_line

TESTS = Limit("automation-tests", 30, 60 * 60)
MODELS: dict[str, type[EmailTemplate] | type[BulkMail]] = {
    model._meta.label_lower: model for model in (EmailTemplate, BulkMail)
}


def send_test(*, template: EmailTemplate | BulkMail, user: User, member: Member | None = None) -> str:
    """Queues ``template`` as a mail to ``user``'s own address, which it returns.

    With the values of ``member``, or of whom a preview begins with. A text message comes as a mail, too.
    Raises ValidationError for a user without an address, PermissionDenied for one who may not see people,
    TooManyRequestsError.
    """
    if not user.email:
        raise ValidationError(_("Your account has no email address."))
    if not user.has_permission("members:read"):
        raise PermissionDenied
    count(TESTS, str(user.pk))
    enqueue(
        send_test_mail,
        kind=template._meta.label_lower,
        template_id=str(template.pk),
        user_id=str(user.pk),
        member_id=str(member.pk) if member is not None and member.pk and not member._state.adding else "",
    )
    return user.email


@church_job
def send_test_mail(*, kind: str, template_id: str, user_id: str, member_id: str) -> None:
    """Sends what ``send_test`` queued; nothing, where one of them is gone meanwhile."""
    church = current_church()
    template: Any = MODELS[kind]._default_manager.filter(pk=UUID(template_id)).first()
    user = User.objects.here().active().filter(pk=UUID(user_id)).first()
    member = Member.objects.filter(pk=UUID(member_id)).first() if member_id else None
    if template is None or user is None or (member_id and member is None):
        return
    with translation.override(church.language), timezone.override(church.timezone):
        preview = preview_of(template, member or person_for(user), is_trial=True)
        mail = _mail(preview, church, user.email)
    mail.send()


def _mail(preview: Preview, church: Church, to: str) -> EmailMultiAlternatives:
    rendered = preview.rendered
    name = one_line(sender_name_of(church))
    subject = rendered.subject
    if preview.message_type == Channel.SMS:
        subject = _("Text message, %(characters)d characters in %(parts)d part(s)") % {
            "characters": preview.segments.characters,
            "parts": preview.segments.parts,
        }
    reply_to = reply_to_of(church)
    mail = EmailMultiAlternatives(
        f"[{_('Test')}] {subject}",
        rendered.text,
        _address(name),
        to=[to],
        reply_to=[reply_to] if reply_to else None,
        # Nobody's absence note, no list (RFC 3834).
        headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    if rendered.html:
        mail.attach_alternative(rendered.html, "text/html")
    return mail


def _address(name: str) -> str:
    # Quoted by hand: a comma or an at sign in a church's name would make two addresses of one.
    quoted = name.replace("\\", "").replace('"', "'")
    return f'"{quoted}" <{settings.DEFAULT_FROM_EMAIL}>'
