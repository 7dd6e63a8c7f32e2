"""Trying a message over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from automation.models import EmailTemplate
from core.api.views import GenericAreaView
from members.models import Member

from .test_send import send_test


class TrialSerializer(serializers.Serializer):
    member_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Whose values are put in; without it, your own entry's."
    )


class SentTrialSerializer(serializers.Serializer):
    sent_to = serializers.EmailField(help_text="Your own address.")


class TemplateTestView(GenericAreaView):
    """Sends a step of a sequence to oneself."""

    area = "automation"
    serializer_class = TrialSerializer

    def get_queryset(self) -> QuerySet[EmailTemplate]:
        return EmailTemplate.objects.filter(archived_at=None, sequence__archived_at=None)

    @extend_schema(
        operation_id="templates_test", request=TrialSerializer, responses={202: SentTrialSerializer}
    )
    def post(self, request: Request, pk: str) -> Response:
        """Mails the step to your own address, marked as a test, with the values of the person named. Nothing
        is counted. A text message comes as a mail, too.
        """
        user: Any = request.user
        template = get_object_or_404(self.get_queryset(), pk=pk)
        stated = TrialSerializer(data=request.data)
        stated.is_valid(raise_exception=True)
        member = None
        if identifier := stated.validated_data.get("member_id"):
            visible = Member.objects.all() if user.has_permission("members:read") else Member.objects.none()
            member = visible.filter(pk=identifier).first()
            if member is None:
                raise serializers.ValidationError({"member_id": [_("There is no such person.")]})
        address = send_test(template=template, user=user, member=member)
        return Response({"sent_to": address}, status=status.HTTP_202_ACCEPTED)


urlpatterns = [path("templates/<uuid:pk>/test", TemplateTestView.as_view(), name="template_test")]
