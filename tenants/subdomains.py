"""Which subdomains a church may have."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# RFC 1035, 2.3.1 as relaxed by RFC 1123, 2.1: letters, digits and hyphens, 63 at most.
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
RESERVED = frozenset(
    """
    about abuse account accounts admin administrator api app apps assets auth autoconfig
    autodiscover billing blog calendar cdn chat church churches dashboard demo-admin dev dns docs
    email files ftp git healthz help host hostmaster imap info internal localhost login mail media
    mx news ns ns1 ns2 platform pop pop3 postmaster press private public readyz register root
    security server sign-in sign-up signin signup smtp sso staff static status store support system
    test vpn webmail widget wpad ws www www1 www2
    """.split()
)


def normalized_subdomain(value: str) -> str:
    """``value`` in lower case. Raises ValidationError that says why a subdomain is refused."""
    subdomain = value.strip().lower()
    if not subdomain:
        raise ValidationError(_("A subdomain is required."), code="required")
    if not LABEL.fullmatch(subdomain):
        raise ValidationError(
            _(
                "“%(value)s” cannot be a subdomain: 1 to 63 letters a–z, digits and hyphens, "
                "with no hyphen at either end."
            ),
            code="invalid",
            params={"value": value},
        )
    if subdomain.startswith("xn--") or subdomain[2:4] == "--":
        raise ValidationError(
            _("“%(value)s” is refused: two hyphens in third place mark encoded names (RFC 5891)."),
            code="encoded",
            params={"value": value},
        )
    if subdomain in RESERVED:
        raise ValidationError(
            _("“%(value)s” is reserved for the platform."), code="reserved", params={"value": value}
        )
    return subdomain
