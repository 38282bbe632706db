"""What an authorization server answers about an access token: as JSON (RFC 7662 §2.2), and signed (RFC 9701 §5)."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, EXP, IAT, ISSUER, NOW, OTHER_API, Topic, claims, header, token
from ..common import ASYMMETRIC, KEY_FOR, jwks, topic, verifying_jwk
from ..encoding import Raw, text
from ..expect import OPEN, Err
from ..jose import Token, make
from .binding import CERTIFICATE
from .mint import api, minter, signing_jwk
from .vendors import BODIES, HEADERS, validator

RULES = "INTRO-2"
READER = "api-reader"
INACTIVE = {"active": False}


def told(body: dict[str, Any], client_id: str = CLIENT, scope: str | None = "openid read:patients", **over: Any) -> Any:
    """The answer about a token with these claims."""
    own = {name: value for name, value in body.items() if name not in ("active", "client_id", "scope", "token_type")}
    last = {"client_id": client_id} | ({} if scope is None else {"scope": scope}) | {"token_type": "Bearer"}
    return {"active": True} | own | over | last


def build() -> list[Topic]:
    """The files of this topic."""
    plain = topic("introspection_responses", "What an introspection endpoint answers about an access token.")
    Plain(plain).run()
    signed = Topic("introspection_responses_signed", "The same, signed for the resource server that asks.")
    signing(signed)
    return [plain, signed]


class Plain:
    """Answers as JSON."""

    def __init__(self, made: Topic) -> None:
        self.t = made

    def case(
        self, case_id: str, comment: str, sent: Token | str, answer: Any, config: str = "base", at: float = NOW
    ) -> None:
        """A token and what is answered about it, or the error."""
        expect = answer.unanswered() if isinstance(answer, Err) else {"ok": True, "response": text(answer)}
        self.t.case(
            case_id,
            comment,
            RULES,
            "",
            op="introspection_response",
            config=config,
            token=sent.compact if isinstance(sent, Token) else sent,
            at=at,
            expect=expect,
        )

    def run(self) -> None:
        """Every case."""
        self.active()
        self.profiles()
        self.inactive()

    def active(self) -> None:
        """Tokens that are good."""
        self.case("plain", "A good token", token(), told(claims()))
        more = {"own": [1, {"a": None}], "roles": ["admin"], "act": {"sub": "x"}, "aud": [API, OTHER_API]}
        self.case("claims", "Whatever the token holds is told", token(body=claims(**more)), told(claims(**more)))
        for name, over in (
            ("active", {"active": False}),
            ("token-type", {"token_type": "mac"}),
            ("both", {"token_type": "DPoP", "active": "no"}),
        ):
            body = claims(**over)
            self.case(f"own-{name}", "What it says of itself in these names is not told", token(body=body), told(body))
        body = claims(exp=EXP + 0.75, iat=Raw("1.7e9"), nbf=IAT + 0.25)
        seconds = {"exp": EXP, "iat": IAT, "nbf": IAT}
        self.case("fractions", "Times are whole seconds", token(body=body), told(body, **seconds))
        self.case(
            "no-scope",
            "A token without scope",
            token(body={name: value for name, value in claims().items() if name != "scope"}),
            told(claims(), scope=None),
        )
        self.case("empty-scope", "A token whose scope is empty", token(body=claims(scope="")), told(claims(), scope=""))
        self.case(
            "repeated-scope",
            "The scope is told as it stands",
            token(body=claims(scope="b a b")),
            told(claims(), scope="b a b"),
        )

    def profiles(self) -> None:
        """The names of RFC 7662 whatever those of the profile are."""
        body = claims("auth0")
        self.case(
            "auth0", "The client in `azp`", make(header("auth0"), body, "ES256", "p256-a"), told(body), config="auth0"
        )
        body = claims("auth0", client_id="client-8")
        self.case(
            "auth0-other-client",
            "A claim `client_id` that the profile does not read",
            make(header("auth0"), body, "ES256", "p256-a"),
            told(body),
            config="auth0",
        )
        self.t.config("okta", validator("okta"))
        body = BODIES["okta"]
        self.case(
            "okta",
            "The client in `cid`, the scopes in an array",
            make(HEADERS["okta"], body, "ES256", "p256-a"),
            told(body, client_id=body["cid"], scope=" ".join(body["scp"])),
            config="okta",
        )

    def inactive(self) -> None:
        """Tokens that are refused, of which nothing is told."""
        for name, sent, at in (
            ("expired", token(), EXP + 30),
            ("other-audience", token(body=claims(aud=OTHER_API)), NOW),
            ("forged", token(key="p256-b"), NOW),
            ("opaque", "opaque", NOW),
            ("empty", "", NOW),
            ("id-token", token(header(typ="JWT"), claims(nonce="n")), NOW),
            ("unknown-key", token(header(kid="x")), NOW),
            ("bound", token(body=claims(cnf={"x5t#S256": CERTIFICATE})), NOW),
        ):
            self.case(f"inactive-{name}", f"A token that is refused: {name}", sent, INACTIVE, at=at)
        self.t.config("wrong", {"issuer": ISSUER})
        self.case(
            "wrong-config",
            "A configuration that is refused is no answer about a token",
            token(),
            Err("config_invalid", claim=OPEN, authenticated=False),
            config="wrong",
        )


def signing(t: Topic) -> None:
    """Signed answers: `typ`, and neither `sub` nor `exp`."""
    t.config("validator", {"issuer": ISSUER, "audience": API, "jwks": jwks(verifying_jwk("ES256"))})
    t.config("wrong", {"issuer": ISSUER})
    good = token()

    def case(
        case_id: str, comment: str, answer: Any, alg: str = "RS256", sent: Token | str = good, **over: Any
    ) -> None:
        body = {"iss": ISSUER, "aud": READER, "iat": int(over.get("at", NOW)), "token_introspection": answer}
        named: dict[str, Any] = {
            "config": f"minter-{alg.lower()}",
            "validator": "validator",
            "token": sent.compact if isinstance(sent, Token) else sent,
            "audience": READER,
            "head": {"typ": "token-introspection+jwt", "alg": alg, "kid": alg.lower()},
            "key": KEY_FOR[alg],
        }
        t.mint_introspection_response(
            case_id, comment, RULES, None, answer if isinstance(answer, Err) else body, **named | over
        )

    for alg in ASYMMETRIC:
        t.config(f"minter-{alg.lower()}", minter(api(), alg=alg))
        case(f"active-{alg.lower()}", f"A good token, told of under {alg}", told(claims()), alg)
    case("inactive", "A token that is refused", INACTIVE, sent=token(key="p256-b"))
    case("inactive-opaque", "What is no token", INACTIVE, sent="opaque")
    case("fraction", "The time is a whole second", told(claims()), at=NOW + 0.75)
    keys = jwks(signing_jwk("RS256"), signing_jwk("ES256"))
    t.config("as-id-tokens", minter(api(), keys=keys, id_tokens={"algorithm": "ES256"}))
    case("as-id-tokens", "Signed as ID tokens are", told(claims()), "ES256", config="as-id-tokens")
    invalid = Err("argument_invalid", claim="aud", authenticated=False)
    case("no-reader", "Nobody asks", invalid, audience="")
    case(
        "before-epoch", "A time that no token carries", Err("argument_invalid", claim=OPEN, authenticated=False), at=-1
    )
    wrong = Err("config_invalid", claim=OPEN, authenticated=False)
    case("wrong-minter", "A minter that is none", wrong, config="wrong")
    case("wrong-validator", "A validator that is none", wrong, validator="wrong")
