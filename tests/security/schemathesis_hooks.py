"""What schemathesis must know of this API besides its description.

Loaded by ``schemathesis run`` through SCHEMATHESIS_HOOKS.
"""

from __future__ import annotations

import os
import re
import uuid
from collections import defaultdict
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies
from schemathesis.core.failures import Failure

# Rules that OpenAPI cannot say. A request that the description allows may be refused with 400 when
# every field it complains of stands here, with the text that tells the rule; anything else fails.
RULES_BEYOND_THE_DESCRIPTION = [
    # (field, text of the error, why the description cannot say it)
    (r"email", r"already", "an address is taken or not, depending on the other users"),
    (
        r"external_key",
        r"has this key|already exists|olumn",
        "a key is taken or not, depending on the other people",
    ),
    (r"password", r"too similar|too common|entirely numeric", "a list of 20,000 words, and other fields"),
    (r"password", r"not your present|not your password", "whose password it is"),
    (r"non_field_errors", r"Only a change of the person", "which entry tells of what"),
    (r"code", r"not valid|not on|Begin the set-up", "a code is right for thirty seconds"),
    (r"token", r"not valid any more", "a mailed link's token is right or wrong"),
    (r"(home_|work_|visitor_)?phone", r"is no phone number", "numbering plans of all countries"),
    (r"file|mapping", r".", "what is in the file, and JSON in a text about it"),
    (r"member_id", r"no such entry|already", "whom there is, and who is in a household already"),
    (r"is_primary", r"another household", "a main household ends when another is made it"),
    (r"choices\..*", r".", "which fields people have, and what each takes"),
    (r"member_id|second", r"same person", "two ids must differ"),
    (r"custom_fields\..*", r".", "which fields a church has, and of what kind each is"),
    (r"rule(\..*)?", r".", "what can be asked is a table, and each entry takes values of its own"),
    (r"list", r"no such list", "which lists there are"),
    (r"requester_id|assigned_to", r"no such entry|may not work", "which people and users there are"),
    (r"description|update_text", r"is required", "signs that nobody sees are taken off a text"),
    (r"priority", r"cannot be published", "what is urgent is not published: two fields together"),
    (r"status|is_public|is_anonymous", r"Whoever asked", "what the requester has decided"),
    (
        r"label|choices|kind",
        r"Another field|one choice|no choice|same name|At most|cannot be read|required",
        "which fields there are, and what people have in them",
    ),
    (r"name", r"Give a name", "blanks around a name are taken off"),
    (r"non_field_errors", r"Put the field away|so it stays", "a field is deleted in two steps"),
    (r"birth_date|baptized_date|follow_up_on", r"Write a date|wrong format", "the 29th of February"),
    (r"scheduled_datetime", r"outside of the|Nobody is visited", "whoever visits has hours; years far away"),
    (r"assigned_pastor", r"no such entry|makes no visits", "which users there are, and who of them visits"),
    (r"visitor_name", r"Choose a person", "either a person or a name"),
    (r"origin_id|origin_kind", r"belong together|Small letters", "two fields make one reference"),
    (r"timezone", r"no such time zone", "the names of time zones are a list that grows"),
    (r"status", r"Only a visit|was moved|Give the new time", "what can be done depends on what was done"),
    (r"start|end|after", r"Write a day|later than|At most", "a day or a time, in an order, not far apart"),
    (
        r"start_datetime|end_datetime",
        r"time between|must be after|a year at most",
        "one time against another",
    ),
    (r"end", r"366 days", "one time against another"),
    (
        r"recurrence",
        r"no rule|cannot be used|ends after|would end|first date is none",
        "a grammar (RFC 5545)",
    ),
    (r"timezone", r"no time zone", "the names of all time zones"),
    (r"flyer", r"no such entry|not uploaded", "which files there are"),
    (r"scope|occurrence", r"Say which date|does not take place|same on all dates", "which dates there are"),
    (r"name|email|member_id", r"Give a person", "a person, or a guest’s name and email"),
    (r"non_field_errors", r"is over|is cancelled", "what time it is"),
    (r"status", r"No place is left|Already registered", "how many places are left"),
    (r"address", r"valid email|no phone number|lacks its area|without an extension", "a grammar each"),
    (r"trigger_tag", r"Say which tag|A tag has", "needed with one trigger alone"),
    (r"trigger_event", r"does not fit", "what is written in the steps"),
    (
        r"subject|body_html|body_text",
        r"Write a subject|Write something|At most|\{\{|Braces|formatting|no filters|Too many elements",
        "an email needs other fields than a text message; merge fields are a small grammar",
    ),
    (r"sequence", r"paused|no step|was removed", "how the sequence is"),
    (r"member_id", r"in the sequence|through the sequence|cannot be written", "who is in the sequence"),
    (r"name|description", r"is required", "signs that nobody sees are taken off a text"),
    (r"preferences\.\d+", r"no such kind|^Urgent", "of which kinds there are, each role is told of some"),
]

schemathesis.openapi.format("phone", strategies.from_regex(r"\A\+1217555[0-9]{4}\Z"))


TIME_ZONES = available_timezones()
# Each name in a list of all is accepted for the same reason; trying all 600 was an eighth of the run.
TIME_ZONES_TRIED = 20
_tried: dict[str, set[str]] = defaultdict(set)


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Leaves out a request that only tries one more time zone on the same operation."""
    zone = case.body.get("timezone") if isinstance(case.body, dict) else None
    if not isinstance(zone, str) or zone not in TIME_ZONES:
        return True
    tried = _tried[case.operation.label]
    if len(tried) < TIME_ZONES_TRIED:
        tried.add(zone)
    return zone in tried


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """Keeps every failure but a documented refusal of the kinds above."""
    if type(failure).__name__ == "AcceptedNegativeData" and _has_header_beyond_ascii(case):
        # The HTTP server drops such a header before this program sees it.
        return False
    if type(failure).__name__ == "IgnoredAuth" and "ticket" in (case.query or {}):
        # One that another operation has just given out, and so a good one.
        return False
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    problem = response.json()
    if "too large" in problem["detail"]:
        # A number beyond 64 bits in a field that takes any JSON.
        return False
    errors = problem.get("errors", {})
    if not errors:
        return True
    return not all(
        any(
            re.fullmatch(name, field) and re.search(text, error)
            for name, text, _ in RULES_BEYOND_THE_DESCRIPTION
        )
        for field, texts in errors.items()
        for error in texts
    )


def _has_header_beyond_ascii(case: Any) -> bool:
    return any(not str(value).isascii() for value in (case.headers or {}).values())


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Leaves alone the account and the login that the run itself uses: without them nothing is left to
    test.
    """
    own = {os.environ["OWN_USER_ID"], os.environ["OWN_LOGIN_ID"]}
    for name, value in case.path_parameters.items():
        if value in own:
            case.path_parameters[name] = str(uuid.uuid4())
    if isinstance(case.body, dict) and case.body.get("keep_current") is False:
        case.body["keep_current"] = True
    if isinstance(case.body, dict) and case.body.get("language") == "es":
        # The texts above are English.
        case.body["language"] = "en"
