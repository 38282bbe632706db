"""Views of an API of Django."""

from at9068.contrib.django import access_token, metadata_urlpatterns, required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View


def health(request: HttpRequest) -> JsonResponse:
    """Open to everybody."""
    return JsonResponse({"ok": True})


@required()
async def me(request: HttpRequest) -> JsonResponse:
    """Who asks."""
    token = access_token(request)
    return JsonResponse({"sub": token.sub, "client_id": token.client_id, "scopes": sorted(token.scopes)})


class Patients(View):
    """Each method demands something of its own."""

    @method_decorator(required(scopes=["read:patients"]))
    def get(self, request: HttpRequest) -> JsonResponse:
        """For tokens with this scope."""
        return JsonResponse({"patients": []})

    @method_decorator(required(permissions=["delete:patients"]))
    def delete(self, request: HttpRequest) -> JsonResponse:
        """For users with this permission."""
        return JsonResponse({"deleted": True})


urlpatterns = [
    path("health", health),
    path("me", me),
    path("patients", Patients.as_view()),
    *metadata_urlpatterns(),
]
