"""The doors to a user's secret calendar address."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from core.link_secrets import digest_of, new_secret
from events.models import CalendarFeed


@transaction.atomic
def renew_feed(*, user: User) -> str:
    """Makes the user a secret address and ends the one they had; answers the secret, kept nowhere."""
    # The user's row is locked, so that two requests at once make one address.
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    secret = new_secret()
    feed = CalendarFeed.objects.filter(user=locked).first() or CalendarFeed(user=locked)
    feed.digest = digest_of(secret)
    feed.save()
    return secret


@transaction.atomic
def revoke_feed(*, user: User) -> None:
    """Ends the user's address; doing it twice is as once."""
    for feed in CalendarFeed.objects.select_for_update().filter(user_id=user.pk):
        feed.delete()


def reader_of(secret: str) -> User | None:
    """The user whose address it is; None for an unknown or ended one, and where the user may no longer read
    events or is switched off.
    """
    feed = CalendarFeed.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if feed is None or not feed.user.is_active or not feed.user.has_permission("events:read"):
        return None
    return feed.user
