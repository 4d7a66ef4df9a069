"""`/auth/…`: codes, tokens, who am I."""

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import TokenRefreshView

from backend.accounts import services
from backend.accounts.models import User
from backend.accounts.scopes import Role, ScopeType
from backend.core.masking import mask_phone
from backend.core.network import client_address


class CodeInput(serializers.Serializer[Any]):
    """A phone."""

    phone = serializers.CharField(max_length=30)


class CodeOutput(serializers.Serializer[Any]):
    """How long the code lives, in seconds; `demo_code` only in demo mode."""

    expires_in = serializers.IntegerField()
    demo_code = serializers.CharField(required=False)


class CodeRequest(APIView):
    """Send a one-time code."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(request=CodeInput, responses={202: CodeOutput})
    def post(self, request: Request) -> Response:
        """Send a code to a phone (SMS)."""
        data = CodeInput(data=request.data)
        data.is_valid(raise_exception=True)
        sent = services.request_code(
            phone=data.validated_data["phone"], address=client_address(request), at=timezone.now()
        )
        body: dict[str, int | str] = {"expires_in": sent.expires_in}
        if sent.demo_code is not None:
            body["demo_code"] = sent.demo_code
        return Response(body, status=202)


class TokenInput(serializers.Serializer[Any]):
    """Either a phone and its code, or a username and its password."""

    phone = serializers.CharField(max_length=30, required=False)
    code = serializers.CharField(max_length=10, required=False)
    username = serializers.CharField(max_length=60, required=False)
    password = serializers.CharField(max_length=200, required=False, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Accept one complete pair."""
        for pair in ({"phone", "code"}, {"username", "password"}):
            if pair <= attrs.keys():
                return attrs
        missing = "code" if "phone" in attrs else "password" if "username" in attrs else "phone"
        raise serializers.ValidationError(
            {missing: self.fields[missing].error_messages["required"]}, "required"
        )


class TokenOutput(serializers.Serializer[Any]):
    """A pair of tokens."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class TokenObtain(APIView):
    """Log in."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(request=TokenInput, responses=TokenOutput)
    def post(self, request: Request) -> Response:
        """Exchange a code or a password for tokens."""
        data = TokenInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        if "code" in given:
            user = services.verify_code(
                phone=given["phone"], code=given["code"], address=client_address(request), at=timezone.now()
            )
        else:
            user = services.verify_password(
                request=request._request,
                username=given["username"],
                password=given["password"],
            )
        refresh = RefreshToken.for_user(user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)})


class TokenRefresh(TokenRefreshView):
    """Exchange a refresh token for a new pair; the old one stops working."""


class MembershipOutput(serializers.Serializer[Any]):
    """A role in a scope."""

    role = serializers.ChoiceField(choices=Role.choices)
    scope_type = serializers.ChoiceField(choices=ScopeType.choices)
    scope_id = serializers.CharField()


class MeOutput(serializers.Serializer[User]):
    """The caller."""

    id = serializers.IntegerField()
    username = serializers.CharField(allow_null=True)
    display_name = serializers.CharField()
    phone = serializers.SerializerMethodField()
    memberships = MembershipOutput(many=True)

    def get_phone(self, user: User) -> str | None:
        """The phone, masked."""
        return mask_phone(user.phone.open()) if user.phone else None


class Me(APIView):
    """The caller and their roles."""

    @extend_schema(responses=MeOutput)
    def get(self, request: Request) -> Response:
        """Show the caller with their roles."""
        return Response(MeOutput(cast("User", request.user)).data)
