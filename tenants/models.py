"""Churches, the hosts that lead to them, and the sign of life of the background worker."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache
from typing import Any, NoReturn

from django.conf import settings as configuration
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from core.models import BaseModel

from .querysets import ChurchQuerySet

# ISO 3166-1 alpha-2.
COUNTRY = re.compile(r"[A-Z]{2}")


@cache
def known_timezones() -> frozenset[str]:
    """Names of the IANA time zones; looking for them reads some 600 files, so it is done once."""
    return frozenset(zoneinfo.available_timezones())


def validate_timezone(value: str) -> None:
    """Raises ValidationError unless ``value`` is an IANA time zone."""
    if value not in known_timezones():
        raise ValidationError(_("“%(value)s” is no time zone."), params={"value": value})


class Church(TenantMixin, BaseModel):  # type: ignore[django-manager-missing]  # of Domain, whose base has no types
    """One church. Its state changes only through the doors in ``tenants.domain``.

    ``schema_name`` is made of the id, so that a church can be renamed and no name that a person
    chose becomes part of a statement.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    class Plan(models.TextChoices):
        FREE = "free", _("Free")
        STANDARD = "standard", _("Standard")
        PREMIUM = "premium", _("Premium")

    name = models.CharField(_("name"), max_length=255)
    subdomain = models.CharField(_("subdomain"), max_length=100)
    plan_type = models.CharField(_("plan"), max_length=50, choices=Plan, default=Plan.STANDARD)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.ACTIVE)
    settings = models.JSONField(default=dict, blank=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_timezone])
    language = models.CharField(_("language"), max_length=8, choices=configuration.LANGUAGES, default="en")
    country = models.CharField(
        _("country"),
        max_length=2,
        default="US",
        help_text=_("Two letters (ISO 3166); phone numbers without a country code are of it."),
    )
    # Names the state of the code's migrations that this church's schema is at.
    migrated_to = models.CharField(max_length=64, default="", editable=False)
    last_active_at = models.DateTimeField(_("last activity"), null=True, editable=False)

    auto_create_schema = False
    auto_drop_schema = False

    objects = ChurchQuerySet.as_manager()

    class Meta:
        db_table = "tenants"
        verbose_name = _("church")
        verbose_name_plural = _("churches")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["subdomain"], name="tenants_subdomain_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def _refuse_short_form(self, *arguments: Any) -> NoReturn:
        """django-tenants' ``with church:`` keeps its stack on the class, so that threads swap churches."""
        raise TypeError("Use tenants.context.enter_church.")

    __enter__ = __exit__ = activate = deactivate = _refuse_short_form

    def clean(self) -> None:
        super().clean()
        self.country = self.country.upper()
        if not COUNTRY.fullmatch(self.country):
            raise ValidationError({"country": _("A country is two letters, like US or KE.")})

    @property
    def host(self) -> str:
        """The host below the platform's domain, without port."""
        return f"{self.subdomain}.{configuration.BASE_DOMAIN}"

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{configuration.PUBLIC_SCHEME}://{self.host}{configuration.PUBLIC_PORT_SUFFIX}"

    @property
    def is_suspended(self) -> bool:
        return self.status == self.Status.SUSPENDED

    @staticmethod
    def schema_for(identifier: Any) -> str:
        """Name of the schema of the church with this id (a UUID)."""
        return f"church_{identifier.hex}"


class Domain(DomainMixin):
    """A host that leads to a church: the one below the platform's domain, or the church's own."""

    class Meta:
        db_table = "domains"
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["domain"]
        constraints = [
            models.CheckConstraint(condition=models.Q(domain=Lower("domain")), name="domains_lower_case"),
        ]


class DueWork(models.Model):
    """When a church has work of one kind next; written by ``tenants.due`` alone."""

    church = models.ForeignKey(Church, models.CASCADE, db_index=False, related_name="+")
    kind = models.CharField(max_length=60)
    due_at = models.DateTimeField()

    class Meta:
        db_table = "due_work"
        constraints = [models.UniqueConstraint(fields=["church", "kind"], name="due_work_once")]
        indexes = [models.Index(fields=["due_at"], name="due_work_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%F %T}"


class TextedNumber(models.Model):
    """Which church texted which number last, from which of our numbers; written by ``tenants.texting``.

    Churches may share one number, and an answer names nobody but that and the person's.
    ``number_digest`` is of the person's number; ``message_id`` that of the church's last message to it.
    """

    sender = models.CharField(max_length=40)
    number_digest = models.CharField(max_length=64)
    church = models.ForeignKey(Church, models.CASCADE, db_index=False, related_name="+")
    message_id = models.UUIDField()
    texted_at = models.DateTimeField()

    class Meta:
        db_table = "texted_numbers"
        constraints = [
            models.UniqueConstraint(fields=["sender", "number_digest", "church"], name="texted_numbers_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number_digest[:8]} {self.texted_at:%F %T}"


class WorkerHeartbeat(models.Model):
    """When a background worker last showed that it is alive; one row, written by ``tenants.jobs``."""

    name = models.CharField(max_length=50, primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "worker_heartbeats"

    def __str__(self) -> str:
        return f"{self.name} {self.beat_at:%F %T}"
