"""An authorization server made of Authlib and joserfc, on loopback: RFC 8414 metadata, a key set, a token endpoint."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from common import API, CLIENT
from joserfc.jwk import ECKey, KeySet, RSAKey

SECRET = "the-secret-of-a-client-for-tests-only"
SCOPE = "read:patients"
NEW_KEY = {
    "RS256": lambda more: RSAKey.generate_key(2048, more, auto_kid=True),
    "ES256": lambda more: ECKey.generate_key("P-256", more, auto_kid=True),
}


class Client(ClientMixin):
    """The one client."""

    def get_client_id(self) -> str:
        return CLIENT

    def get_allowed_scope(self, scope: str) -> str:
        return scope if scope == SCOPE else ""

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


class Generator(JWTBearerTokenGenerator):
    """Signs with the newest key."""

    def __init__(self, issuer: str, alg: str) -> None:
        super().__init__(issuer=issuer, alg=alg)
        self.keys: list[RSAKey | ECKey] = []
        self.rotate()

    def rotate(self) -> None:
        """A new key signs; those before it are still published."""
        self.keys = [NEW_KEY[self.alg]({"use": "sig", "alg": self.alg}), *self.keys]

    def get_jwks(self) -> KeySet:
        return KeySet(self.keys[:1])

    def get_audiences(self, client: Any, user: Any, scope: Any) -> str:
        return API


class Server(AuthorizationServer):
    """Authlib's server between plain requests and answers."""

    def __init__(self, origin: str, alg: str) -> None:
        super().__init__(scopes_supported=[SCOPE])
        self.issuer = f"{origin}/tenants/acme"
        self.generator = Generator(self.issuer, alg)
        self.register_token_generator("default", self.generator)
        self.register_grant(ClientCredentialsGrant)
        self.metadata = AuthorizationServerMetadata(
            issuer=self.issuer,
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/keys",
            grant_types_supported=["client_credentials"],
            response_types_supported=["code"],
            token_endpoint_auth_methods_supported=["client_secret_basic"],
        )
        self.metadata.validate()
        self.documents = {
            get_well_known_url(self.issuer, external=True): lambda: self.metadata,
            self.metadata["jwks_uri"]: lambda: KeySet(self.generator.keys).as_dict(private=False),
        }

    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT else None

    def save_token(self, token: Any, request: Any) -> None:
        """Nothing is asked about them later."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any]:
        return status, body


class Http(ThreadingHTTPServer):
    """The listening socket, with the server behind it."""

    daemon_threads = True
    request_queue_size = 128
    server: Server


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Http

    @property
    def url(self) -> str:
        return f"http://{self.headers['Host']}{self.path}"

    def do_GET(self) -> None:
        document = self.server.server.documents.get(self.url)
        self.answer(*((200, document()) if document else (404, {"error": "not_found"})))

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        request = OAuth2Request("POST", self.url, headers=self.headers)
        request.payload = BasicOAuth2Payload(dict(parse_qsl(form)))
        self.answer(*self.server.server.create_token_response(request))

    def answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(alg: str) -> Iterator[Server]:
    """Serves as long as the context lasts."""
    with Http(("127.0.0.1", 0), Handler) as http:
        http.server = Server(f"http://127.0.0.1:{http.server_port}", alg)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield http.server
        finally:
            http.shutdown()
            thread.join()
