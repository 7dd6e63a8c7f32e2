"""Addresses on a church's host."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

import accounts.api
import accounts.history
import accounts.pages
import accounts.sessions.api
import accounts.two_factor.api
import automation.api
import automation.pages
import events.api
import events.pages
import files.api
import files.pages
import members.api
import members.history.api
import members.personal_data.api
import notifications.api
import prayer.api
import prayer.pages
import tenants.api
import visits.api
import visits.pages
from core.api.documentation import DescriptionView, DocumentationView
from core.api.views import NotFoundView
from tenants.sites import church_site

handler400 = "core.errors.bad_request"
handler403 = "core.errors.permission_denied"
handler404 = "core.errors.page_not_found"
handler500 = "core.errors.server_error"

api = [
    *accounts.api.urlpatterns,
    *accounts.sessions.api.urlpatterns,
    *accounts.two_factor.api.urlpatterns,
    *accounts.history.urlpatterns,
    *tenants.api.urlpatterns,
    *members.api.urlpatterns,
    *members.history.api.urlpatterns,
    *members.personal_data.api.urlpatterns,
    *events.api.urlpatterns,
    *prayer.api.urlpatterns,
    *visits.api.urlpatterns,
    *automation.api.urlpatterns,
    *files.api.urlpatterns,
    *notifications.api.urlpatterns,
    path("schema", DescriptionView.as_view(), name="api-description"),
    path("docs", DocumentationView.as_view(), name="api-documentation"),
    re_path(r"^.*$", NotFoundView.as_view()),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", church_site.urls),
    path("api/", include(api)),
    *accounts.pages.urlpatterns,
    *events.pages.urlpatterns,
    *prayer.pages.urlpatterns,
    *visits.pages.urlpatterns,
    *automation.pages.urlpatterns,
    *files.pages.urlpatterns,
]
