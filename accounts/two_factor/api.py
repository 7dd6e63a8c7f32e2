"""The second step of signing in over the API, one's own second factor, and taking away another's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import LoginAnswerSerializer, login_answer
from accounts.models import User
from core.api.permissions import PUBLIC, SIGNED_IN
from core.api.serializers import Serializer
from core.api.views import AreaView
from core.network import client_address

from . import domain, requirement


class SecondStepAnswerSerializer(Serializer):
    challenge = serializers.CharField(max_length=4096)
    code = serializers.CharField(max_length=40, help_text="The code of the app, or a recovery code.")


class PasswordSerializer(Serializer):
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class CodeSerializer(Serializer):
    code = serializers.CharField(max_length=40)


class ProofSerializer(PasswordSerializer, CodeSerializer):
    """Password and code: it is really the account's owner."""


class SecretSerializer(Serializer):
    secret = serializers.CharField(help_text="In base32, to be typed into an app.")
    uri = serializers.CharField(help_text="The same as an otpauth: address, to be shown as a QR code.")


class RecoveryCodesSerializer(Serializer):
    recovery_codes = serializers.ListField(
        child=serializers.CharField(), help_text="Each works once. They cannot be read again."
    )


class StatusSerializer(Serializer):
    enabled = serializers.BooleanField()
    since = serializers.DateTimeField(allow_null=True)
    recovery_codes_left = serializers.IntegerField()
    asked_for = serializers.BooleanField(help_text="Whether the church asks for it of this role.")


def _asker(request: Request) -> User:
    user: Any = request.user
    return user


def _valid(serializer_class: type[Serializer], request: Request) -> Any:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class SecondStepView(AreaView):
    """The challenge of a login and a code for a pair of tokens."""

    area = PUBLIC
    authentication_classes = ()
    further_statuses = ("401",)
    # It has limits of its own, which count by account as well.
    limits_anonymous = None

    @extend_schema(
        operation_id="auth_two_factor", request=SecondStepAnswerSerializer, responses=LoginAnswerSerializer
    )
    def post(self, request: Request) -> Response:
        answer = _valid(SecondStepAnswerSerializer, request)
        try:
            user = domain.finish_sign_in(**answer, address=client_address(request))
        except domain.WrongCodeError as error:
            raise AuthenticationFailed(_("The code or the challenge is not valid.")) from error
        return login_answer(request, user)


class StatusView(AreaView):
    """My second factor."""

    area = SIGNED_IN

    @extend_schema(operation_id="auth_two_factor_status", responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        user = _asker(request)
        left = len(user.two_factor.recovery_digests) if user.has_second_factor else 0
        state = {
            "enabled": user.has_second_factor,
            "since": user.second_factor_since,
            "recovery_codes_left": left,
            "asked_for": user.role in requirement.roles(),
        }
        return Response(StatusSerializer(state).data)


class SetUpView(AreaView):
    """Begins to set up a second factor; nothing is asked for until it is confirmed by a code."""

    area = SIGNED_IN

    @extend_schema(
        operation_id="auth_two_factor_set_up", request=PasswordSerializer, responses=SecretSerializer
    )
    def post(self, request: Request) -> Response:
        factor = domain.begin_set_up(user=_asker(request), **_valid(PasswordSerializer, request))
        return Response({"secret": factor.secret, "uri": domain.address_for_app(factor)})


class ConfirmView(AreaView):
    """Switches my second factor on by a first code, and ends all my other logins."""

    area = SIGNED_IN

    @extend_schema(
        operation_id="auth_two_factor_confirm", request=CodeSerializer, responses=RecoveryCodesSerializer
    )
    def post(self, request: Request) -> Response:
        fresh = domain.confirm(user=_asker(request), **_valid(CodeSerializer, request))
        return Response({"recovery_codes": fresh})


class RecoveryCodesView(AreaView):
    """New recovery codes in place of the old ones."""

    area = SIGNED_IN

    @extend_schema(
        operation_id="auth_two_factor_recovery_codes",
        request=ProofSerializer,
        responses=RecoveryCodesSerializer,
    )
    def post(self, request: Request) -> Response:
        fresh = domain.renew_recovery_codes(user=_asker(request), **_valid(ProofSerializer, request))
        return Response({"recovery_codes": fresh})


class SwitchOffView(AreaView):
    """Lets me sign in by password alone again."""

    area = SIGNED_IN

    @extend_schema(operation_id="auth_two_factor_switch_off", request=ProofSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        domain.switch_off(user=_asker(request), **_valid(ProofSerializer, request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class UserTwoFactorView(AreaView):
    """Another user's second factor; for administrators."""

    area = "users"
    permission_actions = {"DELETE": "write"}
    # For the API's description: of what the id is.
    queryset = User.objects.none()

    @extend_schema(operation_id="tenants_current_users_reset_two_factor", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Takes it from somebody who has lost theirs, and ends their logins. One's own is refused."""
        user = get_object_or_404(User.objects.here(), pk=pk)
        domain.reset(user=user, by=_asker(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


urlpatterns = [
    path("auth/two-factor", SecondStepView.as_view()),
    path("auth/two-factor/status", StatusView.as_view()),
    path("auth/two-factor/set-up", SetUpView.as_view()),
    path("auth/two-factor/confirm", ConfirmView.as_view()),
    path("auth/two-factor/recovery-codes", RecoveryCodesView.as_view()),
    path("auth/two-factor/switch-off", SwitchOffView.as_view()),
    path("tenants/current/users/<uuid:pk>/two-factor", UserTwoFactorView.as_view()),
]
