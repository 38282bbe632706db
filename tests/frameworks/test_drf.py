"""What is particular to Django REST framework: other classes beside the adapter's, methods, function views."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import at9068
import pytest
from at9068.contrib.drf import AccessTokenAuthentication, TokenUser, access_token, demands_of, required
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.views import View
from rest_framework.authentication import BaseAuthentication
from rest_framework.decorators import api_view
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView, exception_handler

from .inside import minted, validator
from .project import OPTIONS

factory = APIRequestFactory()
# Its types know the framework's own users and tokens only.
force: Any = force_authenticate


class Reading(APIView):
    """What it demands depends on the method."""

    required_scopes: ClassVar[Any] = {"GET": ["read:patients"]}
    required_permissions: ClassVar[Any] = {"DELETE": ["delete:patients"]}

    def get(self, request: Request) -> Response:
        """Reads."""
        return Response({"sub": access_token(request).sub, "user": str(request.user), "pk": request.user.pk})

    def delete(self, request: Request) -> Response:
        """Deletes."""
        return Response()


class Session(BaseAuthentication):
    """Another way to authenticate, which this request did not go."""

    def authenticate(self, request: Request) -> None:
        """Decides nothing."""
        return None


def asked(view: type[APIView], token: str | None = None, method: str = "get", **attributes: Any) -> Any:
    """What a view answers; its attributes may be others."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    request = getattr(factory, method)("/", headers=headers)
    response = view.as_view(**attributes)(request)
    return response.render() if hasattr(response, "render") else response


def test_each_method_has_demands_of_its_own() -> None:
    """HEAD is answered by what answers GET, and demands the same."""
    answer = asked(Reading, minted())
    assert answer.data == {"sub": "user-1", "user": "user-1", "pk": "user-1"}
    for method in ("get", "head"):
        assert asked(Reading, minted("write:patients"), method).status_code == 403
        assert 'scope="read:patients"' in asked(Reading, None, method)["WWW-Authenticate"]
    assert asked(Reading, minted("write:patients", permissions=["delete:patients"]), "delete").status_code == 200
    assert asked(Reading, minted(), "delete").status_code == 403
    assert asked(Reading, minted("write:patients"), "options").status_code == 200


def test_methods_are_written_as_methods_are() -> None:
    """A demand that no method has would be none."""
    with pytest.raises(ImproperlyConfigured, match="get"):
        asked(Reading, minted(), required_scopes={"get": ["read:patients"]})
    # A text is no list of scopes.
    with pytest.raises(TypeError, match="scopes"):
        asked(Reading, minted(), required_scopes="read:patients")


def test_a_view_that_demands_something_needs_a_token_whatever_else_it_permits() -> None:
    """Its permission class may be another, or none that asks for a token."""
    assert asked(Reading, None, permission_classes=[AllowAny]).status_code == 401
    assert asked(Reading, minted("write:patients"), permission_classes=[AllowAny]).status_code == 403


def test_the_frameworks_own_permission_is_answered_alike() -> None:
    """By the challenge of the core, and its body."""
    mine = asked(Reading, None, required_scopes=None)
    theirs = asked(Reading, None, required_scopes=None, permission_classes=[IsAuthenticated])
    assert mine.content == theirs.content == b'{"title":"Unauthorized","status":401}'
    assert mine["WWW-Authenticate"] == theirs["WWW-Authenticate"] == "Bearer"
    assert mine["Content-Type"] == "application/problem+json"


def test_other_classes_may_authenticate_beside_it() -> None:
    """Whichever stands first; a view that wants a token is content with nothing else."""
    for classes in ([Session, AccessTokenAuthentication], [AccessTokenAuthentication, Session]):
        assert asked(Reading, minted(), authentication_classes=classes).status_code == 200
        assert asked(Reading, None, authentication_classes=classes).status_code == 401
        assert asked(Reading, "opaque", authentication_classes=classes).status_code == 401
    request = factory.get("/")
    force(request, user=TokenUser(validator().validate(minted())), token="a session")
    assert Reading.as_view()(request).status_code == 403


def test_tests_may_force_a_token() -> None:
    """Which must be enough all the same."""
    for scope, status in (("read:patients", 200), ("write:patients", 403)):
        token = validator().validate(minted(scope))
        request = factory.get("/")
        force(request, user=TokenUser(token), token=token)
        assert Reading.as_view()(request).status_code == status


def test_function_views_have_a_decorator() -> None:
    """Step-up included (RFC 9470)."""

    @required(scopes=["read:patients"], max_age=60)
    @api_view(["GET"])
    def view(request: Request) -> Response:
        return Response(access_token(request).sub)

    request = factory.get("/", headers={"authorization": f"Bearer {minted()}"})
    assert 'max_age="60"' in view(request)["WWW-Authenticate"]
    late = minted(auth_time=int(validator().validate(minted()).iat))
    assert view(factory.get("/", headers={"authorization": f"Bearer {late}"})).status_code == 200


def test_all_demands_hold_wherever_they_stand() -> None:
    """Of a class, its bases, its attributes, and decorators one above another."""

    @required(scopes=["admin"], permissions=["p"], max_age=120)
    @required(scopes=["more"], permissions=["q"], max_age=60)
    class Base(Reading):
        pass

    @required(scopes=["beneath"], max_age=90)
    class Beneath(Base):
        pass

    for view, scopes in ((Base, {"admin", "more"}), (Beneath, {"admin", "more", "beneath"})):
        found = demands_of(view(), "GET")
        assert set(found["scopes"] or ()) == {*scopes, "read:patients"}
        assert set(found["permissions"] or ()) == {"p", "q"}
        assert found["max_age"] == 60
    assert set(demands_of(Base(), "DELETE")["permissions"] or ()) == {"p", "q", "delete:patients"}
    assert "permissions" not in demands_of(Reading(), "GET")

    @required(scopes=["write:patients"])
    class Asked(Reading):
        pass

    assert asked(Asked, minted()).status_code == asked(Asked, minted("write:patients")).status_code == 403
    assert asked(Asked, minted("write:patients read:patients")).status_code == 200


def test_two_lists_of_acr_values_are_a_mistake() -> None:
    """One of each cannot be asked for; the same list twice can."""

    @required(acr_values=["high"])
    class Base(Reading):
        pass

    with pytest.raises(ValueError, match="acr_values"):
        required(acr_values=["low"])(type("Beneath", (Base,), {}))
    assert required(acr_values=["high"])(Base) is Base
    assert demands_of(Base(), "DELETE").get("acr_values") == ["high"]


def test_a_decorator_where_nothing_asks_for_it_is_a_mistake() -> None:
    """On a method, below `@api_view`, on a view of Django's own; nor is a text a list."""

    def view(request: Request) -> Response:
        return Response()

    for wrong in (view, Reading.get, View):
        with pytest.raises(TypeError, match="api_view"):
            required(scopes=["read:patients"])(wrong)
    text: Any = "read:patients"
    with pytest.raises(TypeError, match="scopes"):
        required(scopes=text)


def test_responses_vary_with_the_token() -> None:
    """Beside what the framework says itself."""
    assert asked(Reading, minted())["Vary"] == "Authorization"
    both = [JSONRenderer, TemplateHTMLRenderer]
    assert asked(Reading, minted(), renderer_classes=both)["Vary"] == "Accept, Authorization"


def test_the_user_of_a_token_has_no_permissions_of_the_project() -> None:
    """Those of the token are none of its."""
    user = TokenUser(validator().validate(minted(permissions=["app.view_x"])))
    assert not user.has_perm("app.view_x")
    assert not user.has_perms(["app.view_x"])
    assert not user.has_module_perms("app")


def test_what_a_view_demands_within_is_answered() -> None:
    """By the handler of exceptions."""

    class Deeper(APIView):
        def get(self, request: Request) -> Response:
            access_token(request).require({"permissions": ["delete:patients"]})
            return Response()

    answer = asked(Deeper, minted())
    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "permission_insufficient")


def test_without_the_handler_status_and_challenge_are_right() -> None:
    """The body is the framework's then."""

    class Plain(Reading):
        def get_exception_handler(self) -> Any:
            return exception_handler

    for token, status in ((None, 401), ("opaque", 401), (minted("write:patients"), 403)):
        answer, whole = asked(Plain, token), asked(Reading, token)
        assert answer.status_code == whole.status_code == status
        assert answer["WWW-Authenticate"] == whole["WWW-Authenticate"]


def test_an_outage_is_no_bad_token() -> None:
    """503 with Retry-After, with the adapter's handler and the framework's."""

    def nobody(_: at9068.FetchRequest) -> at9068.FetchResponse:
        raise OSError

    options = {**OPTIONS, "jwks": None, "jwks_uri": "https://as.example/jwks", "fetch": nobody}
    with override_settings(AT9068=options):
        answer = asked(Reading, minted())
        assert (answer.status_code, json.loads(answer.content)["code"]) == (503, "keys_unavailable")
        assert int(answer["Retry-After"]) > 0
        assert "WWW-Authenticate" not in answer
