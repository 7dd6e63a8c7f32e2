"""Sign-in over the API, and a church's users."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenError

from core.api.permissions import PUBLIC, SIGNED_IN
from core.api.problems import ConflictError
from core.api.serializers import ModelSerializer, Serializer
from core.api.views import AreaView, AreaViewSet
from core.network import client_address

from . import domain, tokens
from .models import User
from .permissions import Role


class CredentialsSerializer(Serializer):
    email = serializers.EmailField(max_length=255)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class RefreshSerializer(Serializer):
    refresh = serializers.CharField(max_length=4096)


class EmailSerializer(Serializer):
    email = serializers.EmailField(max_length=255)


class NewPasswordSerializer(Serializer):
    token = serializers.CharField(max_length=4096)
    password = serializers.CharField(min_length=10, max_length=1024, trim_whitespace=False)


class TokenPairSerializer(Serializer):
    access = serializers.CharField()
    refresh = serializers.CharField()


class OwnChurchSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    subdomain = serializers.CharField()


class OwnAccountSerializer(ModelSerializer):
    """``me``, and ``user`` in the answer to a login."""

    permissions = serializers.ListField(child=serializers.CharField(), read_only=True)
    tenant = OwnChurchSerializer(read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "first_name", "last_name", "role", "permissions", "tenant"]
        read_only_fields = fields


class LoginAnswerSerializer(TokenPairSerializer):
    user = OwnAccountSerializer()


class SecondStepSerializer(Serializer):
    """The password is right, and a code is asked for: ``challenge`` goes with it to the second step."""

    two_factor_required = serializers.BooleanField()
    challenge = serializers.CharField()


LOGIN_ANSWERS = PolymorphicProxySerializer(
    component_name="LoginOutcome",
    serializers=[LoginAnswerSerializer, SecondStepSerializer],
    resource_type_field_name=None,
)


def login_answer(request: Request, user: User) -> Response:
    """Begins a login of ``user``, who has taken every step: the tokens, and who they are."""
    pair = tokens.start_login(user=user, user_agent=request.headers.get("User-Agent", ""))
    return Response({**pair, "user": OwnAccountSerializer(user).data})


class LoginView(AreaView):
    """Email and password for a pair of tokens, or for a challenge where a code is asked for besides.

    403 after the right password says that a second factor must be set up first, on the church's pages.
    """

    area = PUBLIC
    authentication_classes = ()
    further_statuses = ("401",)
    # The login has limits of its own, which count by account as well.
    limits_anonymous = None

    @extend_schema(operation_id="auth_login", request=CredentialsSerializer, responses=LOGIN_ANSWERS)
    def post(self, request: Request) -> Response:
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        try:
            user = domain.sign_in(
                **credentials.validated_data, address=client_address(request), request=request
            )
        except domain.WrongCredentialsError as error:
            raise AuthenticationFailed(_("Email or password is wrong.")) from error
        except domain.SecondStepRequiredError as step:
            return Response({"two_factor_required": True, "challenge": step.challenge})
        return login_answer(request, user)


class LogoutView(AreaView):
    """Ends the login that a refresh token belongs to."""

    area = PUBLIC
    authentication_classes = ()
    further_statuses = ("401",)

    @extend_schema(operation_id="auth_logout", request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        data = RefreshSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            tokens.end_login(refresh=data.validated_data["refresh"])
        except TokenError as error:
            raise AuthenticationFailed(_("The token is not valid here.")) from error
        return Response(status=status.HTTP_204_NO_CONTENT)


class RefreshView(AreaView):
    """A refresh token for the next pair; the old one is dead afterwards."""

    area = PUBLIC
    authentication_classes = ()
    further_statuses = ("401",)

    @extend_schema(operation_id="auth_refresh", request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        data = RefreshSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        try:
            return Response(tokens.renew_login(refresh=data.validated_data["refresh"]))
        except TokenError as error:
            raise AuthenticationFailed(_("The token is not valid here.")) from error


class ForgotPasswordView(AreaView):
    """Always 202, whether there is such an account or not."""

    area = PUBLIC
    authentication_classes = ()

    @extend_schema(operation_id="auth_forgot_password", request=EmailSerializer, responses={202: None})
    def post(self, request: Request) -> Response:
        data = EmailSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        domain.request_reset(email=data.validated_data["email"], address=client_address(request))
        return Response(status=status.HTTP_202_ACCEPTED)


class ResetPasswordView(AreaView):
    """Sets a new password with the token of a mailed link."""

    area = PUBLIC
    authentication_classes = ()

    @extend_schema(operation_id="auth_reset_password", request=NewPasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        data = NewPasswordSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        domain.set_password_by_link(**data.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class OwnAccountView(AreaView):
    """Who I am, here."""

    area = SIGNED_IN

    @extend_schema(operation_id="auth_me", responses=OwnAccountSerializer)
    def get(self, request: Request) -> Response:
        return Response(OwnAccountSerializer(request.user).data)


class UserSerializer(ModelSerializer):
    role = serializers.ChoiceField(choices=Role.choices)
    two_factor = serializers.BooleanField(
        source="has_second_factor",
        read_only=True,
        help_text=gettext_lazy("Whether signing in takes a code as well."),
    )

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "first_name",
            "last_name",
            "role",
            "is_active",
            "two_factor",
            "last_login",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["last_login"]
        # Whether an address is taken is for the door to say; it also sees other spellings.
        validators: list[Any] = []

    def validate(self, attrs: Any) -> Any:
        # Ignored like other unknown fields, it would seem to have been set.
        if "password" in self.initial_data and "password" not in self.fields:
            raise serializers.ValidationError({"password": [_("Users set it through a mailed link.")]})
        return attrs


class NewUserSerializer(UserSerializer):
    password = serializers.CharField(
        write_only=True,
        required=False,
        min_length=10,
        max_length=1024,
        trim_whitespace=False,
        help_text="Left out, an invitation is mailed with a link to set one.",
    )

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "password"]


@contextmanager
def last_administrator_stays() -> Iterator[None]:
    """Answers 409 where the church would be left without an administrator."""
    try:
        yield
    except domain.LastAdministratorError as error:
        raise ConflictError(
            _("The last administrator of a church cannot be removed, demoted or switched off.")
        ) from error


class UserViewSet(AreaViewSet):
    """The church's users; for administrators."""

    area = "users"
    serializer_class = UserSerializer
    queryset = User.objects.none()
    filterset_fields = ["role", "is_active"]
    ordering_fields = ["email", "first_name", "last_name", "role", "created_at", "last_login"]

    def get_queryset(self) -> Any:
        return User.objects.here().with_second_factor()

    def get_serializer_class(self) -> Any:
        return NewUserSerializer if self.action == "create" else UserSerializer

    def perform_create(self, serializer: Any) -> None:
        data = dict(serializer.validated_data)
        user = domain.create_user(**data)
        if user.is_active and "password" not in data:
            domain.invite(user=user)
        serializer.instance = user

    def perform_update(self, serializer: Any) -> None:
        with last_administrator_stays():
            serializer.instance = domain.change_user(user=serializer.instance, **serializer.validated_data)

    def perform_destroy(self, instance: User) -> None:
        with last_administrator_stays():
            domain.delete_user(user=instance)


_users: dict[str, Any] = {"get": "list", "post": "create"}
_user: dict[str, Any] = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("auth/login", LoginView.as_view()),
    path("auth/logout", LogoutView.as_view()),
    path("auth/refresh", RefreshView.as_view()),
    path("auth/forgot-password", ForgotPasswordView.as_view()),
    path("auth/reset-password", ResetPasswordView.as_view()),
    path("auth/me", OwnAccountView.as_view()),
    path("tenants/current/users", UserViewSet.as_view(_users)),
    path("tenants/current/users/<uuid:pk>", UserViewSet.as_view(_user)),
]
