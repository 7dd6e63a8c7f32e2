"""The church as its own people see it, and its settings."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.urls import path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.permissions import SIGNED_IN
from core.api.serializers import ModelSerializer
from core.api.views import AreaView

from . import domain
from .context import current_church
from .models import Church


class ChurchSerializer(ModelSerializer):
    settings = serializers.DictField(required=False)
    timezone = serializers.ChoiceField(choices=sorted(zoneinfo.available_timezones()), required=False)
    country = serializers.RegexField("^[A-Za-z]{2}$", required=False, help_text=_("Two letters (ISO 3166)."))

    class Meta:
        model = Church
        fields = [
            "id",
            "name",
            "subdomain",
            "plan_type",
            "status",
            "timezone",
            "language",
            "country",
            "settings",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["subdomain", "plan_type", "status"]


class CurrentChurchView(AreaView):
    """The church of this host."""

    area = SIGNED_IN

    @extend_schema(operation_id="tenants_current", responses=ChurchSerializer)
    def get(self, request: Request) -> Response:
        # Read anew: another process may have changed it less than a moment ago.
        church = Church.objects.get(pk=current_church().pk)
        return Response(ChurchSerializer(church).data)


class ChurchSettingsView(AreaView):
    """Changes what the request states and leaves the rest; for administrators."""

    area = "settings"

    @extend_schema(
        operation_id="tenants_current_settings",
        request=ChurchSerializer(partial=True),
        responses=ChurchSerializer,
    )
    def put(self, request: Request) -> Response:
        serializer = ChurchSerializer(current_church(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(serializer.validated_data)
        church = domain.change_settings(church=current_church(), **changes)
        return Response(ChurchSerializer(church).data)

    @extend_schema(
        operation_id="tenants_current_settings_partial",
        request=ChurchSerializer(partial=True),
        responses=ChurchSerializer,
    )
    def patch(self, request: Request) -> Response:
        return self.put(request)


urlpatterns = [
    path("tenants/current", CurrentChurchView.as_view()),
    path("tenants/current/settings", ChurchSettingsView.as_view()),
]
