"""The REST API: tokens, pages, errors and its description."""

from datetime import timedelta

from .security import SECRET_KEY

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ChurchTokenAuthentication",
        "accounts.authentication.ChurchSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.AreaPermission"],
    "DEFAULT_RENDERER_CLASSES": [
        "core.api.renderers.JSONRenderer",
        "core.api.renderers.PagesRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.Description",
    "EXCEPTION_HANDLER": "core.api.problems.problem_response",
    "NUM_PROXIES": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "userId",
    "AUTH_HEADER_TYPES": ("Bearer",),
}

SPECTACULAR_SETTINGS = {
    "TITLE": "ChurchSaaS",
    "DESCRIPTION": "A church's people and the work around them. Times are ISO 8601 with offset; "
    "errors are RFC 9457 problems.",
    "VERSION": "1",
    "SERVE_URLCONF": "churchsaas.urls.church",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "GET_LIB_DOC_EXCLUDES": "core.api.schema.bases_without_text",
    "ENUM_NAME_OVERRIDES": {
        "ChannelEnum": "automation.models.words.Channel",
        "ChurchStatusEnum": "tenants.models.Church.Status",
        "RoleEnum": "accounts.permissions.Role",
        "ImportStatusEnum": "members.importing.api.RUN_STATUSES",
        "EventStatusEnum": "events.models.EventStatus",
        "RegistrationStatusEnum": "events.models.EventRegistration.Status",
        "VisibilityEnum": "events.models.Event.Visibility",
        "UndoStatusEnum": "members.importing.api.UNDO_STATUSES",
        "PrayerStatusEnum": "prayer.models.PrayerRequest.Status",
    },
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}
