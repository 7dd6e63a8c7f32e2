"""People who sign in, and their logins."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedTextField
from core.models import BaseModel
from tenants.models import Church

from .permissions import Role, permissions_of, role_allows
from .querysets import BrowserSessionQuerySet, LoginSessionQuerySet, UserManager


class User(AbstractBaseUser, BaseModel):
    """Somebody who signs in. State changes only through the doors in ``accounts.domain``.

    The table exists in each church's schema, and in public for the platform's superusers, whose
    ``tenant`` is empty. ``tenant`` has no foreign key in the database: 5,000 churches would put
    10,000 triggers on the one table of churches.
    """

    tenant = models.ForeignKey(
        Church, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, editable=False
    )
    email = models.EmailField(_("email"), max_length=255)
    password = models.CharField(_("password"), max_length=255, db_column="password_hash")
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=50, choices=Role, default=Role.VOLUNTEER)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_superuser = models.BooleanField(default=False, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Of the user of a request: id of the login or browser session through which they ask, and whether
    # their role must have a second factor that they have not set up.
    present_session: UUID | None = None
    lacks_second_factor: bool = False

    objects = UserManager()

    class Meta:
        db_table = "tenant_users"
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["last_name", "first_name", "email"]
        constraints = [
            models.UniqueConstraint(
                "tenant",
                Lower("email"),
                name="tenant_users_email_once",
                nulls_distinct=False,
                violation_error_message=_("Somebody with this email address exists already."),
            ),
            # A superuser inside a church would be one by mistake or by attack.
            models.CheckConstraint(
                condition=models.Q(is_superuser=False) | models.Q(tenant=None),
                name="tenant_users_superuser_outside",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        # With the church in it, the very same session lying at another church is none there.
        return salted_hmac(
            "accounts.models.User.session",
            f"{self.tenant_id}|{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    @property
    def permissions(self) -> list[str]:
        return permissions_of(self.role)

    def has_permission(self, permission: str) -> bool:
        """Whether the user's role allows ``"area:action"``."""
        return self.is_active and role_allows(self.role, permission)

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in takes a code besides the password."""
        return self.second_factor_since is not None

    @property
    def second_factor_since(self) -> datetime | None:
        try:
            return self.two_factor.confirmed_at
        except TwoFactor.DoesNotExist:
            return None

    # What Django's admin asks. Its pages of a church ask has_permission instead.
    @property
    def is_staff(self) -> bool:
        return self.is_active

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and self.is_superuser

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_superuser


class LoginSession(BaseModel):
    """One login over the API: the family of refresh tokens that descend from it.

    Only the newest refresh token of a family is good; ``current_jti`` names it. Changed only by
    ``accounts.tokens``.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="login_sessions")
    current_jti = models.CharField(max_length=32)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    objects = LoginSessionQuerySet.as_manager()

    class Meta:
        db_table = "login_sessions"
        indexes = [models.Index(fields=["expires_at"], name="login_sessions_expiry")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%F %T}"


class BrowserSession(BaseModel):
    """One browser in which somebody is signed in to the pages. Changed only by ``accounts.sessions``.

    The session's own data hold the id of this row; a session whose row is gone is none any more.
    ``address`` is that of the network, as the limits count it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="browser_sessions")
    last_used_at = models.DateTimeField()
    user_agent = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)

    objects = BrowserSessionQuerySet.as_manager()

    class Meta:
        db_table = "browser_sessions"

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%F %T}"


class TwoFactor(BaseModel):
    """Somebody's second factor: codes by time (RFC 6238), and codes for the day the phone is lost.

    Changed only through the doors in ``accounts.two_factor.domain``. Without ``confirmed_at`` it is
    being set up and asks for nothing yet. ``last_step`` is the newest time step of which a code was
    taken, so that each works once. Of the recovery codes that are left, digests keyed by the secret.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="two_factor")
    secret = EncryptedTextField(_("secret"))
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(_("set up"), null=True)
    last_step = models.BigIntegerField(default=0)
    recovery_digests = ArrayField(
        models.CharField(max_length=64), default=list, verbose_name=_("recovery codes")
    )

    class Meta:
        db_table = "two_factors"
        verbose_name = _("two-factor sign-in")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
