"""A second factor as its owner has it: an app that shows codes, and a sheet of paper."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any

from django_otp.oath import TOTP

from accounts.models import TwoFactor, User
from accounts.two_factor import domain
from tenants.context import enter_church, outside_churches
from tests import world

STEP = 30


def code_of(secret: str, drift: int = 0) -> str:
    """What an app with this secret shows now, or ``drift`` steps of thirty seconds later."""
    totp = TOTP(base64.b32decode(secret.replace(" ", "")), drift=drift)
    return f"{totp.token():06}"


def early_in_a_step() -> None:
    """Returns when no new code comes within the next five seconds."""
    left = STEP - time.time() % STEP
    if left < 5:
        time.sleep(left)


@dataclass
class SecondFactor:
    """``paper`` are the recovery codes."""

    user_id: Any
    church: Any
    secret: str
    paper: list[str]

    def code(self, drift: int = 0) -> str:
        return code_of(self.secret, drift)

    def row(self) -> TwoFactor:
        with enter_church(self.church) if self.church else outside_churches():
            return TwoFactor.objects.get(user_id=self.user_id)

    def later(self) -> None:
        """As if the codes that were used lay long ago."""
        with enter_church(self.church) if self.church else outside_churches():
            TwoFactor.objects.filter(user_id=self.user_id).update(last_step=0)


def set_up(user: User, church: Any = None) -> SecondFactor:
    """Sets one up for ``user`` of ``church`` (None: the platform) and lets the first code be long past."""
    with enter_church(church) if church else outside_churches():
        secret = domain.begin_set_up(user=user, password=world.PASSWORD).secret
        paper = domain.confirm(user=user, code=code_of(secret))
    made = SecondFactor(user.pk, church, secret, paper)
    made.later()
    return made
