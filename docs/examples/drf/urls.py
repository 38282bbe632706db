"""Views of an API of Django REST framework."""

from at9068.contrib.django import metadata_urlpatterns
from at9068.contrib.drf import access_token
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Health(APIView):
    """Open to everybody."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        """Say that all is well."""
        return Response({"ok": True})


class Me(APIView):
    """For any good token."""

    def get(self, request: Request) -> Response:
        """Say who asks."""
        token = access_token(request)
        return Response({"sub": token.sub, "client_id": token.client_id, "scopes": sorted(token.scopes)})


class Patients(APIView):
    """Each method demands something of its own."""

    required_scopes = {"GET": ["read:patients"]}
    required_permissions = {"DELETE": ["delete:patients"]}

    def get(self, request: Request) -> Response:
        """Give the patients."""
        return Response({"patients": []})

    def delete(self, request: Request) -> Response:
        """Delete them."""
        return Response({"deleted": True})


urlpatterns = [
    path("health", Health.as_view()),
    path("me", Me.as_view()),
    path("patients", Patients.as_view()),
    *metadata_urlpatterns(),
]
