"""What the adapters have in common: a validator, and the request as it reaches it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from at9068 import (
    AccessToken,
    At9068Error,
    Clock,
    ConfigError,
    Events,
    Fetch,
    IssuerCache,
    IssuerCacheOptions,
    Request,
    Require,
    Resolver,
    Revocations,
    TokenError,
    Validator,
    ValidatorOptions,
    certificate_sha256,
)

if TYPE_CHECKING:
    from at9068 import HttpResponse

Native = TypeVar("Native")
Fields: TypeAlias = Sequence[tuple[str, str]]

_LOGGER = logging.getLogger("at9068")


class GuardOptions(ValidatorOptions, total=False):
    """Whatever a :class:`~at9068.Validator` is made of."""

    clock: Clock | None
    fetch: Fetch | None
    events: Events | None
    resolver: Resolver | None
    revocations: Revocations | None
    issuer_cache: IssuerCache | IssuerCacheOptions | None


class Gate(Generic[Native]):
    """One validator, and where the client certificates of one framework's requests come from."""

    def __init__(
        self,
        validator: Validator | None,
        certificate: Callable[[Native], str | bytes | None] | None,
        options: GuardOptions,
    ) -> None:
        if validator is not None and options:
            raise TypeError(f"a validator is given, and options of one too: {', '.join(sorted(options))}")
        self.validator = Validator(**options) if validator is None else validator
        self._certificate = certificate

    def declared(self, demands: Require) -> Require:
        """Find a mistake in what a route demands when it is declared, not when it is asked for."""
        whole = together(demands)
        # Of a request without a token only the demands are judged.
        with contextlib.suppress(TokenError):
            self.validator.authenticate({"headers": ()}, require=whole)
        return whole

    def authenticate(
        self, native: Native, fields: Fields, method: str, url: str, require: Require | None
    ) -> AccessToken:
        """Have a request judged."""
        return self.validator.authenticate(self._request(native, fields, method, url), require=require)

    async def authenticate_async(
        self, native: Native, fields: Fields, method: str, url: str, require: Require | None
    ) -> AccessToken:
        """Have a request judged without blocking the loop."""
        return await self.validator.authenticate_async(self._request(native, fields, method, url), require=require)

    @property
    def metadata(self) -> tuple[str, bytes] | None:
        """Path and document of the protected resource metadata (RFC 9728), where the validator has any."""
        path = self.validator.protected_resource_metadata_path
        document = self.validator.protected_resource_metadata
        return None if path is None or document is None else (path, document.encode())

    def _request(self, native: Native, fields: Fields, method: str, url: str) -> Request:
        request: Request = {"headers": fields, "method": method, "url": url}
        certificate = self._certificate(native) if self._certificate is not None else None
        if certificate:
            try:
                request["client_certificate_sha256"] = certificate_sha256(certificate)
            except ConfigError:
                # Tokens that are bound to one are refused then, as without any.
                _LOGGER.warning("a request's client certificate is unreadable, and counts as none")
        return request


def together(*demanded: Require) -> Require:
    """Make one of demands that all hold.

    Raises:
        TypeError: A text stands for a list.
        ValueError: No token could satisfy both.

    """
    whole: dict[str, Any] = {}
    parts: list[tuple[str, Any]] = [part for demands in demanded for part in demands.items()]
    for name, value in parts:
        if isinstance(value, str):
            # Its letters would be taken for a list.
            raise TypeError(f"{name} must not be a text")
        if value is None:
            continue
        if name not in whole:
            whole[name] = value
        elif name == "max_age":
            whole[name] = min(whole[name], value)
        elif name != "acr_values":
            whole[name] = list(dict.fromkeys([*whole[name], *value]))
        elif list(whole[name]) != list(value):
            # One of each list may be two authentications, which no challenge can ask for.
            raise ValueError("acr_values: two different lists are demanded at once")
    return cast(Require, whole)


def answer_to(error: At9068Error) -> HttpResponse:
    """Give the answer to a refused request; raise the error again where it is the application's own."""
    response = error.http_response
    if response is None:
        raise error
    if response.status == 500:
        # The client learns nothing of it; without this, nobody would.
        _LOGGER.error("internal", exc_info=error)
    else:
        _LOGGER.debug("refused: %s", error)
    return response


def single_fields(response: HttpResponse) -> Mapping[str, str]:
    """Give the header fields for where each name has one value.

    A list of challenges may stand in it (RFC 9110 §11.6.1).
    """
    fields: dict[str, str] = {}
    for name, value in response.headers:
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields
