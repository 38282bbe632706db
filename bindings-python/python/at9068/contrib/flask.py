"""Guards the views of a Flask application.

    guard = Guard(app, issuer="https://as.example/", audience="https://api.example/")

    @app.get("/patients")
    @guard.required(scopes=["read:patients"])
    def patients(): ...

The token is in ``g.access_token``, or typed, in ``guard.token``.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, Response, current_app, g
from flask import Request as FlaskRequest
from flask import request as current_request

from at9068 import AccessToken, At9068Error, Require, Validator
from at9068.contrib import _wsgi
from at9068.contrib._guard import Gate, GuardOptions, answer_to, together

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Guard"]

View = TypeVar("View", bound=Callable[..., Any])

_NAME = "at9068"
_SERVED = "at9068_protected_resources"


class Guard:
    """Guards the views of an application with one validator.

    Made with options or a validator, it serves every application that it is installed in. Made without,
    each application gets a validator of its own, from the mapping ``app.config["AT9068"]``: the same
    options, and ``certificate``. All guards that are made without anything share it; every other judges with its own.

    A WSGI server joins an ``Authorization`` header that was sent twice into one, with a comma. Two tokens are
    refused as malformed all the same, since no token holds a comma; a first header of another scheme
    counts as the only one.

    Args:
        app: The application, as for :meth:`init_app`.
        validator: The validator, where it is shared. Otherwise it is made of ``options``.
        certificate: Given the request, returns the client's certificate as PEM or DER, or None. For
            tokens that are bound to one (RFC 8705). Default: no request has one. It must take the
            certificate from the server's ``request.environ``, or from a header that a proxy sets and that no
            client can: nothing else proves anything.
        **options: Those of :class:`~at9068.Validator`.

    Raises:
        ConfigError: The options are not valid.
        TypeError: A validator and options of one are both given.

    """

    def __init__(
        self,
        app: Flask | None = None,
        validator: Validator | None = None,
        *,
        certificate: Callable[[FlaskRequest], str | bytes | None] | None = None,
        **options: Unpack[GuardOptions],
    ) -> None:
        given = validator is not None or certificate is not None or bool(options)
        self._own = Gate(validator, certificate, options) if given else None
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Have an application answer refusals, whoever raises them, and serve the metadata.

        Every :class:`~at9068.At9068Error` that a view raises is answered with its ``http_response``. Where
        the validator has a ``protected_resource``, its metadata gets a route (RFC 9728 §3).

        Raises:
            ConfigError: The options in ``app.config["AT9068"]`` are not valid.
            ValueError: Another guard serves other metadata at the same path.

        """
        gates = app.extensions.setdefault(_NAME, {})
        if self._key not in gates:
            gate = self._own or _configured(app.config.get("AT9068") or {})
            _publish(app, gate)
            gates[self._key] = gate
        app.register_error_handler(At9068Error, _refuse)

    @property
    def validator(self) -> Validator:
        """The validator: the guard's own, or that of the current application."""
        return (self._own or self._gate()).validator

    @property
    def token(self) -> AccessToken:
        """The token of the current request.

        Raises:
            LookupError: The view is not guarded.

        """
        token = g.get("access_token")
        if not isinstance(token, AccessToken):
            raise LookupError("no access token: the view is not guarded")
        return token

    def required(self, **demands: Unpack[Require]) -> Callable[[View], View]:
        """Have a view demand a good access token, and what ``demands`` say beyond that.

        For views that are functions, asynchronous or not; it stands below ``@app.route``.

        Raises:
            ConfigError: The demands are not valid. A guard whose validator is the application's knows
                that with the first request only.
            TypeError: A text stands for a list.

        """
        whole = together(demands) if self._own is None else self._own.declared(demands)

        def decorate(view: View) -> View:
            if inspect.iscoroutinefunction(view):

                @functools.wraps(view)
                async def guarded_async(*arguments: Any, **named: Any) -> Any:
                    environ = current_request.environ
                    g.access_token = await self._gate().authenticate_async(*_request(environ), whole)
                    return await view(*arguments, **named)

                return cast(View, guarded_async)

            @functools.wraps(view)
            def guarded(*arguments: Any, **named: Any) -> Any:
                self.authenticate(whole)
                return view(*arguments, **named)

            return cast(View, guarded)

        return decorate

    def before_request(self) -> None:
        """Demand a good access token: ``blueprint.before_request(guard.before_request)``."""
        self.authenticate()

    def authenticate(self, require: Require | None = None) -> AccessToken:
        """Judge the current request; its token is in ``g.access_token`` then.

        Raises:
            At9068Error: The request is refused, or nothing could be decided.

        """
        token = self._gate().authenticate(*_request(current_request.environ), require)
        g.access_token = token
        return token

    @property
    def _key(self) -> Guard | None:
        """Under what an application has the gate: that of its configuration belongs to no guard."""
        return None if self._own is None else self

    def _gate(self) -> Gate[FlaskRequest]:
        gate = current_app.extensions.get(_NAME, {}).get(self._key)
        if not isinstance(gate, Gate):
            raise RuntimeError("the guard is not installed in this application: guard.init_app(app)")
        return gate


def _configured(config: Mapping[str, Any]) -> Gate[FlaskRequest]:
    options = dict(config)
    certificate = options.pop("certificate", None)
    return Gate(options.pop("validator", None), certificate, cast(GuardOptions, options))


def _publish(app: Flask, gate: Gate[FlaskRequest]) -> None:
    if gate.metadata is None:
        return
    path, document = gate.metadata
    served = app.extensions.setdefault(_SERVED, {})
    if path not in served:
        served[path] = document
        app.add_url_rule(path, f"{_SERVED}_{len(served)}", lambda: Response(document, content_type="application/json"))
    elif served[path] != document:
        raise ValueError(f"{path}: another guard serves other metadata there")


def _request(environ: Mapping[str, Any]) -> tuple[FlaskRequest, list[tuple[str, str]], str, str]:
    return current_request, _wsgi.fields_of(environ), environ["REQUEST_METHOD"], _wsgi.url_of(environ)


def _refuse(error: At9068Error) -> Response:
    answer = answer_to(error)
    return Response(answer.body, answer.status, list(answer.headers))
