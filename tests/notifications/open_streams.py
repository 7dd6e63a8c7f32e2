"""What the tests of open streams do: tell somebody, and come with credentials of each kind."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from accounts.tokens import start_login
from notifications.domain import notify
from tenants.context import enter_church
from tenants.models import Church
from tests import world
from tests.notifications.kinds_for_tests import NEWS
from tests.security.actors import session_cookie

APPLICATION = "tests.notifications.streams_for_tests:application"


def church(subdomain: str = "grace") -> Church:
    return Church.objects.get(subdomain=subdomain)


def person(actor: str = "bob") -> User:
    return User.objects.get(email=world.email_of(actor))


def tell(actor: str, what: str) -> None:
    with enter_church(church(world.ACTORS[actor][0])):
        notify(kind=NEWS, users=[person(actor)], data={"what": what})


def bearer(actor: str = "bob") -> dict[str, str]:
    with enter_church(church(world.ACTORS[actor][0])):
        return {"Authorization": f"Bearer {start_login(user=person(actor))['access']}"}


def cookie(actor: str) -> dict[str, str]:
    home = church(world.ACTORS[actor][0])
    with enter_church(home):
        user = person(actor)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_cookie(user, home)}"}
