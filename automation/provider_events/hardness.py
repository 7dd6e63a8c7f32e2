"""Whether an address does not exist, or just did not take this mail: each provider says it in its own way.

anymail calls both a bounce.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Postmark's types of bounces (https://postmarkapp.com/developer/api/bounce-api#bounce-types).
POSTMARK = {"HardBounce", "BadEmailAddress"}
# What Mailgun remembers of an address.
MAILGUN_REMEMBERED = {"suppress-bounce"}
FIRST_PERMANENT = 500


def is_final(event: Any) -> bool:
    """Whether the bounce of anymail's ``event`` means that no mail to this address will arrive."""
    told = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    if "RecordType" in told:
        return (told.get("Type") or told.get("SuppressionReason")) in POSTMARK
    if "event-data" in told:
        return _mailgun(told["event-data"])
    if isinstance(told.get("bounce"), Mapping):
        # Amazon's: Permanent, Transient (a full mailbox, an absence) or Undetermined.
        return told["bounce"].get("bounceType") == "Permanent"
    # SendGrid's: one that was blocked may arrive tomorrow.
    return told.get("event") == "bounce" and told.get("type", "bounce") == "bounce"


def _mailgun(data: Mapping[str, Any]) -> bool:
    status = data.get("delivery-status")
    code = status.get("code") if isinstance(status, Mapping) else None
    answered = isinstance(code, int) and code >= FIRST_PERMANENT
    return data.get("severity") == "permanent" and (answered or data.get("reason") in MAILGUN_REMEMBERED)
