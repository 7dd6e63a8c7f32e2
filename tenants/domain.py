"""The doors through which a church's state changes. One door, one transaction."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import church_settings, provisioning, signals
from .context import enter_church, outside_churches
from .hosts import forget_hosts, normalized_host
from .models import Church, Domain
from .subdomains import normalized_subdomain

HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def provision_church(
    *,
    name: str,
    subdomain: str,
    plan_type: str = Church.Plan.STANDARD,
    timezone_name: str = "UTC",
    language: str = "en",
    country: str = "US",
    church_id: uuid.UUID | None = None,
) -> Church:
    """Makes a church with its schema and its host below the platform's domain.

    Everything happens in one transaction: a failure leaves no row and no schema. Rooms above add
    theirs (the first admin) inside ``transaction.atomic()`` around this call. Raises
    ValidationError for a subdomain that is invalid, reserved or taken and for an unknown time zone.
    """
    identifier = church_id or uuid.uuid4()
    church = Church(
        id=identifier,
        schema_name=Church.schema_for(identifier),
        name=name.strip(),
        subdomain=normalized_subdomain(subdomain),
        plan_type=plan_type,
        timezone=timezone_name,
        language=language,
        country=country.upper(),
        migrated_to=provisioning.migration_state(),
    )
    with outside_churches(), transaction.atomic():
        register_church(church=church)
        provisioning.create_schema(church.schema_name)
        with enter_church(church):
            signals.church_provisioned.send(sender=Church, church=church)
        transaction.on_commit(forget_hosts)
    return church


def register_church(*, church: Church) -> None:
    """Writes the row of a church that has no schema yet, and its host; a step of other doors.

    Raises ValidationError for values that are not allowed and for a subdomain that is taken.
    """
    church.full_clean(exclude=["schema_name"], validate_constraints=False, validate_unique=False)
    with outside_churches():
        try:
            with transaction.atomic():
                church.save(force_insert=True)
                Domain.objects.create(domain=church.host, tenant=church, is_primary=True)
        except IntegrityError as error:
            raise ValidationError(
                {"subdomain": _("“%(value)s” is taken.") % {"value": church.subdomain}}
            ) from error


def suspend_church(*, church: Church) -> None:
    """Closes the church's hosts and stops its jobs; nothing is deleted."""
    with outside_churches(), transaction.atomic():
        church.status = Church.Status.SUSPENDED
        church.save(update_fields=["status", "updated_at"])
        transaction.on_commit(forget_hosts)


def resume_church(*, church: Church) -> None:
    """Opens a suspended church again; unfinished jobs are taken up."""
    with outside_churches(), transaction.atomic():
        church.status = Church.Status.ACTIVE
        church.save(update_fields=["status", "updated_at"])
        with enter_church(church):
            signals.church_resumed.send(sender=Church, church=church)
        transaction.on_commit(forget_hosts)


def delete_church(*, church: Church) -> None:
    """Removes the church with all its rows and files, for good."""
    with outside_churches(), transaction.atomic():
        provisioning.drop_schema(church.schema_name)
        Domain.objects.filter(tenant=church).delete()
        Church.objects.filter(pk=church.pk).delete()
        signals.church_deleted.send(sender=Church, church=church)
        transaction.on_commit(forget_hosts)


def add_domain(*, church: Church, host: str) -> Domain:
    """Lets ``host`` lead to the church. Raises ValidationError when it is invalid or taken."""
    host = normalized_host(host.strip())
    if not HOST.fullmatch(host):
        raise ValidationError({"domain": _("“%(value)s” is no host name.") % {"value": host}})
    if host == settings.BASE_DOMAIN or host.endswith(f".{settings.BASE_DOMAIN}"):
        raise ValidationError({"domain": _("Hosts below the platform's domain come with the church.")})
    with outside_churches():
        try:
            with transaction.atomic():
                domain: Domain = Domain.objects.create(domain=host, tenant=church, is_primary=False)
        except IntegrityError as error:
            raise ValidationError({"domain": _("“%(value)s” is taken.") % {"value": host}}) from error
        transaction.on_commit(forget_hosts)
    return domain


def remove_domain(*, domain: Domain) -> None:
    """Stops a church's own host. Raises ValidationError for the one below the platform's domain."""
    if domain.is_primary:
        raise ValidationError({"domain": _("The church's own host cannot be removed.")})
    with outside_churches(), transaction.atomic():
        domain.delete()
        transaction.on_commit(forget_hosts)


def change_settings(*, church: Church, entries: dict[str, Any] | None = None, **changes: Any) -> Church:
    """Changes name, time zone, language, country or ``settings``; ``entries`` are those of the settings
    that change while the others stay. Raises ValidationError.
    """
    allowed = {"name", "timezone", "language", "country", "settings", "plan_type"}
    if unknown := changes.keys() - allowed:
        raise ValidationError({field: _("This cannot be changed.") for field in unknown})
    with outside_churches(), transaction.atomic():
        locked = Church.objects.select_for_update().get(pk=church.pk)
        if entries:
            changes["settings"] = {**locked.settings, **entries}
        if "settings" in changes:
            changes["settings"] = church_settings.checked(changes["settings"], locked.settings)
        for field, value in changes.items():
            setattr(locked, field, value)
        locked.full_clean(exclude=["schema_name"], validate_unique=False, validate_constraints=False)
        locked.save(update_fields=[*changes, "updated_at"])
        signals.church_settings_changed.send(sender=Church, church=locked)
        transaction.on_commit(forget_hosts)
    return locked


def note_activity(*, church: Church) -> None:
    """Remembers, at most once an hour, that somebody of the church was here."""
    now = timezone.now()
    if church.last_active_at and (now - church.last_active_at).total_seconds() < 3600:
        return
    with outside_churches():
        Church.objects.filter(pk=church.pk).update(last_active_at=now)
    church.last_active_at = now
