"""Addresses on the platform's host."""

from django.urls import include, path, re_path

import automation.provider_events.webhooks
import automation.sms.webhooks
from core.api.views import NotFoundView
from core.health import healthz, readyz
from tenants.sites import platform_site

handler400 = "core.errors.bad_request"
handler403 = "core.errors.permission_denied"
handler404 = "core.errors.page_not_found"
handler500 = "core.errors.server_error"

api = [
    # For all churches: neither a mail's provider nor a shared number knows which one it is about.
    *automation.provider_events.webhooks.urlpatterns,
    *automation.sms.webhooks.urlpatterns,
    re_path(r"^.*$", NotFoundView.as_view()),
]

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("admin/", platform_site.urls),
    path("api/", include(api)),
]
