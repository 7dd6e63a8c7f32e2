"""Every page of a church's host, with what it needs. One line each; a model's pages are made by rule.

A new page is added here; ``test_pages`` fails until it is.
"""

from __future__ import annotations

from tenants.sites import church_site
from tests.security import (
    pages_automation,
    pages_automation_consent,
    pages_automation_writing,
    pages_care,
    pages_events,
    pages_files,
    pages_history,
    pages_prayer,
    pages_sequences,
    pages_visits,
)
from tests.security.page import NOBODY, PUBLIC, SIGNED_IN, Page

__all__ = ["NOBODY", "PAGES", "PUBLIC", "SIGNED_IN", "Page"]

# As Django's admin makes its address for them: in the order in which they came.
APPS_WITH_PAGES = "|".join(dict.fromkeys(model._meta.app_label for model in church_site._registry))


def pages_of_model(
    model: str, kind: str, *, read: str, add: str, change: str, delete: str, change_ok: int = 200
) -> list[Page]:
    """The pages that Django's admin gives a model. Their history page does not exist (404)."""
    base = f"admin/{model}/"
    one = f"{base}<path:object_id>/"
    return [
        Page(base, read),
        Page(f"{base}add/", add),
        Page(f"{one}change/", change, change_ok, kind),
        Page(f"{one}delete/", delete, 200, kind),
        Page(f"{one}history/", SIGNED_IN, 404, kind),
        # Sends on to the page of the object, which asks for the permission.
        Page(one, SIGNED_IN, 302, kind),
    ]


PAGES = [
    Page("", PUBLIC, 302),
    Page("forgot-password/", PUBLIC),
    Page("set-password/<str:token>/", PUBLIC, 404),
    Page("admin/login/", PUBLIC),
    Page("admin/", SIGNED_IN),
    Page("admin/logout/", SIGNED_IN, 405),
    Page("admin/password_change/", SIGNED_IN),
    Page("admin/password_change/done/", SIGNED_IN),
    Page("admin/jsi18n/", SIGNED_IN),
    Page("admin/autocomplete/", NOBODY),
    Page("admin/r/<path:content_type_id>/<path:object_id>/", SIGNED_IN, 404),
    Page(f"admin/^(?P<app_label>{APPS_WITH_PAGES})/$", SIGNED_IN, 404),
    Page("admin/(?P<url>.*)$", SIGNED_IN, 404),
    Page("admin/settings/", "settings:write"),
    Page("admin/accounts/user/<uuid:user_id>/invite/", SIGNED_IN, 405, "user"),
    Page("admin/accounts/user/<uuid:user_id>/reset-two-factor/", SIGNED_IN, 405, "user"),
    # Without a first step there is nothing to go on with: it leads to the sign-in page.
    Page("admin/login/code/", PUBLIC, 302),
    Page("admin/two-factor/", SIGNED_IN),
    # What was not begun leads back.
    Page("admin/two-factor/set-up/", SIGNED_IN, 302),
    Page("admin/two-factor/recovery-codes/", SIGNED_IN),
    Page("admin/two-factor/off/", SIGNED_IN),
    Page("admin/signed-in/", SIGNED_IN),
    Page("admin/notifications/", SIGNED_IN),
    Page("admin/notifications/preferences/", SIGNED_IN),
    *pages_of_model(
        "accounts/user",
        "user",
        read="users:read",
        add="users:write",
        change="users:read",
        delete="users:delete",
    ),
    *pages_of_model(
        "core/historyentry",
        "entry",
        read="settings:read",
        add=NOBODY,
        change="settings:read",
        delete=NOBODY,
    ),
    *pages_of_model(
        "members/member",
        "member",
        read="members:read",
        add="members:write",
        change="members:read",
        delete="members:delete",
    ),
    *pages_of_model(
        "members/memberimport",
        "import",
        read="members:write",
        add="members:write",
        change="members:write",
        delete=NOBODY,
    ),
    *pages_care.PAGES,
    *pages_of_model(
        "members/household",
        "household",
        read="members:read",
        add="members:write",
        change="members:read",
        delete="members:delete",
    ),
    Page("admin/members/household/<uuid:household_id>/people/", SIGNED_IN, 405, "household"),
    Page("admin/members/household/<uuid:household_id>/add-person/", "members:write", kind="household"),
    Page("admin/members/household/<uuid:household_id>/split/", "members:write", kind="household"),
    Page("admin/members/household/of/<uuid:member_id>/", "members:write", kind="member"),
    *pages_of_model(
        "members/customfield",
        "custom field",
        read="settings:read",
        add="settings:write",
        change="settings:read",
        delete="settings:write",
    ),
    *pages_of_model(
        "members/savedlist",
        "saved list",
        read="members:read",
        add="members:write",
        change="members:read",
        delete="members:write",
    ),
    *pages_history.PAGES,
    *pages_files.PAGES,
    *pages_of_model(
        "visits/visit",
        "visit",
        read="visits:read",
        add="visits:write",
        change="visits:read",
        delete="visits:delete",
    ),
    *pages_visits.PAGES,
    *pages_automation.PAGES,
    *pages_of_model(
        "prayer/prayerrequest",
        "prayer request",
        read="prayer:read",
        add="prayer:write",
        change="prayer:read",
        delete="prayer:delete",
    ),
    *pages_prayer.PAGES,
    *pages_automation_consent.PAGES,
    *pages_sequences.PAGES,
    *pages_of_model(
        "automation/sequence",
        "told sequence",
        read="automation:read",
        add="automation:write",
        change="automation:read",
        delete="automation:write",
    ),
    *pages_events.PAGES,
    *pages_of_model(
        "events/event",
        "event",
        read="events:read",
        add="events:write",
        change="events:read",
        delete="events:delete",
    ),
    *pages_of_model(
        "automation/bulkmail",
        "message to many",
        read="automation:read",
        add="automation:write",
        change="automation:read",
        delete="automation:write",
    ),
    *pages_automation_writing.PAGES,
    Page("admin/members/memberimport/<path:object_id>/columns/", "members:write", kind="draft"),
    Page("admin/members/memberimport/<path:object_id>/run/", SIGNED_IN, 405, kind="trial"),
    Page("admin/members/memberimport/<path:object_id>/undo/", "members:write", kind="finished import"),
    Page("admin/members/member/export/", "members:write"),
]
