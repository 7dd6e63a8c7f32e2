"""Look of the two admin sites, and the church's sidebar."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.has_permission(permission))

    return allowed


def _below(path: str) -> Callable[[HttpRequest], bool]:
    def is_open(request: HttpRequest) -> bool:
        return request.path.startswith(path)

    return is_open


def _entry(title: Any, icon: str, page: str, permission: str = "") -> dict[str, Any]:
    entry = {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{page}")}
    return {**entry, "permission": _may(permission)} if permission else entry


def _static(path: str) -> Callable[[HttpRequest], str]:
    def url(_request: HttpRequest) -> str:
        return static(path)

    return url


# What both sites share; docs/admin.md says what each script is for.
_LOOK = {
    "SITE_TITLE": "ChurchSaaS",
    "SITE_HEADER": "ChurchSaaS",
    "SITE_SYMBOL": "church",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "LOGIN": {"form": "accounts.forms.SignInForm"},
    "SCRIPTS": [
        _static("admin_csp/alpine-scope.js"),
        _static("admin_csp/controls.js"),
        _static("core/lists.js"),
    ],
    "STYLES": [
        _static("admin_csp/repairs.css"),
        _static("core/admin.css"),
        _static("notifications/notifications.css"),
    ],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _static("core/favicon.svg")},
    ],
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
}

UNFOLD = {
    **_LOOK,
    "SIDEBAR": {
        # Seven entries at most: whoever opens this is no technician.
        "navigation": [
            {
                "items": [
                    _entry(_("Today"), "today", "index"),
                    _entry(_("People"), "group", "members_member_changelist", "members:read"),
                    _entry(_("Events"), "event", "events_event_changelist", "events:read"),
                    _entry(
                        _("Prayer"), "volunteer_activism", "prayer_prayerrequest_changelist", "prayer:read"
                    ),
                    _entry(_("Visits"), "home_health", "visits_calendar", "visits:read"),
                    {
                        **_entry(_("Messages"), "mail", "automation_sequence_changelist", "automation:read"),
                        # Also where none of the tabs is: a preview is of no list.
                        "active": _below("/admin/automation/"),
                    },
                    _entry(_("Settings"), "settings", "church_settings", "settings:read"),
                ]
            }
        ],
    },
    # Beside one another above the lists that belong together.
    "TABS": [
        {
            "models": ["members.member", "members.household", "members.memberimport", "files.storedfile"],
            "items": [
                _entry(_("People"), "group", "members_member_changelist", "members:read"),
                _entry(_("Households"), "home", "members_household_changelist", "members:read"),
                _entry(_("Import"), "upload_file", "members_memberimport_changelist", "members:write"),
                _entry(_("Files"), "folder", "files_storedfile_changelist", "files:read"),
            ],
        },
        {
            "models": ["automation.sequence", "automation.bulkmail", "automation.suppression"],
            "items": [
                _entry(_("Sequences"), "route", "automation_sequence_changelist", "automation:read"),
                _entry(
                    _("Messages to many"), "campaign", "automation_bulkmail_changelist", "automation:read"
                ),
                _entry(_("Declined"), "block", "automation_suppression_changelist", "automation:read"),
            ],
        },
        {
            # The settings' page is of no model and asks for its tabs by name.
            "page": "settings",
            "models": ["accounts.user"],
            "items": [
                _entry(_("Settings"), "settings", "church_settings", "settings:read"),
                _entry(_("Users"), "key", "accounts_user_changelist", "users:read"),
            ],
        },
    ],
}

# What the models of jobs are called in unfold's tabs.
_JOBS = ["django_q.failure", "django_q.ormq", "django_q.schedule"]

UNFOLD_PLATFORM = {
    **_LOOK,
    "SHOW_HISTORY": True,
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    _entry(_("Churches"), "church", "tenants_church_changelist"),
                    _entry(_("Domains"), "language", "tenants_domain_changelist"),
                    _entry(_("Jobs"), "manufacturing", "django_q_failure_changelist"),
                ]
            }
        ],
    },
    "TABS": [
        {
            "models": _JOBS,
            "items": [
                {"title": title, "link": reverse_lazy(f"admin:{page}")}
                for title, page in (
                    (_("Failed"), "django_q_failure_changelist"),
                    (_("Waiting"), "django_q_ormq_changelist"),
                    (_("Planned"), "django_q_schedule_changelist"),
                )
            ],
        }
    ],
}
