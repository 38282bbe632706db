"""What is measured: in every case the libraries that take part in it, ours among them."""

from __future__ import annotations

import hmac
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import at9068
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from material import READ, Algorithm, unpadded
from peers import PEERS, Verify

OURS = "at9068"

# Every subject is given so many different tokens in turn, and every thread so many of its own.
ROTATION = 64

Verdict = dict[str, Any]
Loop = Callable[[Iterable[Any]], object]


@dataclass
class Subject:
    """A library in a case: what it is given in turn, the loop that is timed, and its verdicts."""

    items: Sequence[Any]
    loop: Loop
    verdict: Callable[[], Verdict]
    # Whether each call has to be given strings that nothing has seen.
    fresh: bool = False
    # Whether the loop's work is done by other threads, too.
    spread: bool = False
    rotation: int = ROTATION

    def __post_init__(self) -> None:
        self._source = itertools.cycle(self.items[: self.rotation])

    def take(self, calls: int) -> Iterator[Any]:
        """The next ones, going on where the last call ended."""
        return itertools.islice(self._source, calls)

    def share(self, thread: int, calls: int) -> list[Any]:
        """Those of a thread, which no other thread has."""
        begin = thread * self.rotation % len(self.items)
        return list(itertools.islice(itertools.cycle(self.items[begin : begin + self.rotation]), calls))


Make = Callable[[], Subject]


def cases(algorithm: Algorithm) -> dict[str, dict[str, Make]]:
    """The cases of an algorithm, each with its subjects, which are made when they are first asked for."""
    found = {
        "validate/raw": {"pyca": lambda: _raw_verify(algorithm)},
        "validate/lazy": {OURS: lambda: _lazy(algorithm)},
        "validate/dict": {OURS: lambda: _dict(algorithm)},
        "validate/hit": {OURS: lambda: _hit(algorithm)},
        "validate/hit-fresh": {OURS: lambda: _hit(algorithm, fresh=True)},
        "threads/cold": {OURS: lambda: _lazy(algorithm)},
        "threads/hit": {OURS: lambda: _hit(algorithm, threads=True)},
        "mint/raw": {"pyca": lambda: _raw_sign(algorithm)},
        "mint/one": {OURS: lambda: _mint(algorithm)},
    }
    if hasattr(at9068.Validator, "validate_many"):
        found["batch/many"] = {OURS: lambda: _many(algorithm)}
        found["batch/loop"] = {OURS: lambda: _loop(algorithm)}
    if hasattr(at9068.Minter, "mint_many"):
        found["mint/batch"] = {OURS: lambda: _mint_many(algorithm)}
    for name, peer in PEERS.items():
        if algorithm.name not in peer.algorithms:
            continue
        found["validate/dict"][name] = lambda peer=peer: _peer(algorithm, peer.verifier(algorithm))
        if peer.mints:
            found["mint/one"][name] = lambda peer=peer: _peer_mint(algorithm, peer.signer(algorithm))
    return {f"{algorithm.name}/{case}": subjects for case, subjects in found.items()}


## Verdicts


def _verdict(algorithm: Algorithm, verify: Callable[[str], Mapping[str, Any]]) -> Verdict:
    """Whether the good token is accepted and read as it should be, and which of the bad ones are refused."""

    def refused(token: str) -> bool:
        try:
            verify(token)
        except Exception:
            return True
        return False

    claims = verify(algorithm.token)
    good = all(claims[name] == algorithm.expected[name] for name in READ)
    return {"good": good, "bad": {name: refused(token) for name, token in algorithm.bad.items()}}


def _minted(algorithm: Algorithm, mint: Callable[[], str]) -> Verdict:
    """Whether a minted token is one that our validator accepts, and says what it should."""
    token = _validator(algorithm).validate(mint())
    good = all(token.claims.get(name) == value for name, value in algorithm.claims.items())
    return {"good": good and token.exp > token.iat and bool(token.jti), "bad": {}}


## Ours


def _validator(algorithm: Algorithm, **options: Any) -> at9068.Validator:
    """A validator without a cache of tokens, unless it is asked for."""
    return at9068.Validator(
        issuer=algorithm.issuer,
        audience=algorithm.audience,
        jwks=algorithm.jwks,
        algorithms=[algorithm.name],
        **{"token_cache": {"max_entries": 0}, **options},
    )


def _attributes(token: at9068.AccessToken) -> dict[str, Any]:
    return {name: getattr(token, name) for name in READ}


def _lazy(algorithm: Algorithm) -> Subject:
    validate = _validator(algorithm).validate

    def loop(tokens: Iterable[str]) -> None:
        for text in tokens:
            token = validate(text)
            token.iss, token.sub, token.client_id, token.scopes, token.exp  # noqa: B018

    return Subject(algorithm.tokens, loop, lambda: _verdict(algorithm, lambda text: _attributes(validate(text))))


def _dict(algorithm: Algorithm) -> Subject:
    validate = _validator(algorithm).validate
    return _peer(algorithm, lambda text: validate(text).claims)


def _hit(algorithm: Algorithm, *, fresh: bool = False, threads: bool = False) -> Subject:
    validate = _validator(algorithm, token_cache={}).validate
    tokens = algorithm.tokens[: ROTATION * (2 if threads else 1)]
    for text in tokens:
        validate(text)

    def loop(tokens: Iterable[str]) -> None:
        for text in tokens:
            validate(text).sub  # noqa: B018

    verdict = lambda: _verdict(algorithm, lambda text: _attributes(validate(text)))  # noqa: E731
    return Subject(tokens, loop, verdict, fresh=fresh)


def _many(algorithm: Algorithm) -> Subject:
    validate_many = _validator(algorithm).validate_many

    def one(text: str) -> dict[str, Any]:
        """As the second of three, whose neighbours are good."""
        before, outcome, after = validate_many([algorithm.token, text, algorithm.token])
        assert isinstance(before, at9068.AccessToken)
        assert isinstance(after, at9068.AccessToken)
        if isinstance(outcome, at9068.At9068Error):
            raise outcome
        return _attributes(outcome)

    def loop(tokens: Iterable[str]) -> None:
        validate_many(list(tokens))

    return Subject(
        algorithm.tokens, loop, lambda: _verdict(algorithm, one), spread=True, rotation=len(algorithm.tokens)
    )


def _loop(algorithm: Algorithm) -> Subject:
    validate = _validator(algorithm).validate

    def loop(tokens: Iterable[str]) -> None:
        [validate(text) for text in tokens]

    verdict = lambda: _verdict(algorithm, lambda text: _attributes(validate(text)))  # noqa: E731
    return Subject(algorithm.tokens, loop, verdict, rotation=len(algorithm.tokens))


def _minter(algorithm: Algorithm) -> at9068.Minter:
    return at9068.Minter(**algorithm.minter)


def _mint(algorithm: Algorithm) -> Subject:
    mint = _minter(algorithm).mint

    def loop(requests: Iterable[Any]) -> None:
        for request in requests:
            mint(request).token  # noqa: B018

    return Subject(
        [algorithm.mint_request], loop, lambda: _minted(algorithm, lambda: mint(algorithm.mint_request).token)
    )


def _mint_many(algorithm: Algorithm) -> Subject:
    mint_many = _minter(algorithm).mint_many

    def loop(requests: Iterable[Any]) -> None:
        for minted in mint_many(list(requests)):
            minted.token  # noqa: B018

    return Subject(
        [algorithm.mint_request],
        loop,
        lambda: _minted(algorithm, lambda: mint_many([algorithm.mint_request])[0].token),
        spread=True,
    )


## Peers


def _peer(algorithm: Algorithm, verify: Verify) -> Subject:
    def loop(tokens: Iterable[str]) -> None:
        for text in tokens:
            verify(text)

    return Subject(algorithm.tokens, loop, lambda: _verdict(algorithm, verify))


def _peer_mint(algorithm: Algorithm, sign: Callable[[], str]) -> Subject:
    def loop(calls: Iterable[Any]) -> None:
        for _ in calls:
            sign()

    return Subject([None], loop, lambda: _minted(algorithm, sign))


## The bare operation of pyca/cryptography, or of the standard library where that is a HMAC


def _raw_verify(algorithm: Algorithm) -> Subject:
    check = _check(algorithm)
    pairs = [_pair(algorithm, token) for token in algorithm.tokens]

    def loop(pairs: Iterable[tuple[bytes, bytes]]) -> None:
        for signature, signed in pairs:
            check(signature, signed)

    def verdict() -> Verdict:
        check(*_pair(algorithm, algorithm.token))
        try:
            check(*_pair(algorithm, algorithm.bad["signature"]))
        except Exception:
            return {"good": True, "bad": {"signature": True}}
        return {"good": True, "bad": {"signature": False}}

    return Subject(pairs, loop, verdict)


def _pair(algorithm: Algorithm, token: str) -> tuple[bytes, bytes]:
    """The signature, in the form that is verified, and what is signed."""
    signed, _, signature = token.rpartition(".")
    octets = unpadded(signature)
    if algorithm.name == "ES256":
        octets = encode_dss_signature(int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big"))
    return octets, signed.encode()


def _check(algorithm: Algorithm) -> Callable[[bytes, bytes], object]:
    if algorithm.pem is None:
        secret = algorithm.secret

        def check(signature: bytes, signed: bytes) -> None:
            if not hmac.compare_digest(hmac.digest(secret, signed, "sha256"), signature):
                raise ValueError("not the secret's")

        return check
    verify: Any = serialization.load_pem_public_key(algorithm.pem.encode()).verify  # type: ignore[union-attr]
    more = _parameters(algorithm)
    return lambda signature, signed: verify(signature, signed, *more)


def _parameters(algorithm: Algorithm) -> tuple[Any, ...]:
    """What a key is told of the algorithm, beside the octets."""
    sha256 = hashes.SHA256()
    return {
        "RS256": (padding.PKCS1v15(), sha256),
        "PS256": (padding.PSS(mgf=padding.MGF1(sha256), salt_length=32), sha256),
        "ES256": (ec.ECDSA(sha256),),
        "EdDSA": (),
    }[algorithm.name]


def _raw_sign(algorithm: Algorithm) -> Subject:
    if algorithm.private_pem is None:
        secret = algorithm.secret
        sign: Callable[[bytes], bytes] = lambda signed: hmac.digest(secret, signed, "sha256")  # noqa: E731
    else:
        key: Any = serialization.load_pem_private_key(algorithm.private_pem.encode(), None)
        more, make = _parameters(algorithm), key.sign
        sign = lambda signed: make(signed, *more)  # noqa: E731
    texts = [token.rpartition(".")[0].encode() for token in algorithm.tokens]
    check = _check(algorithm)

    def loop(texts: Iterable[bytes]) -> None:
        for signed in texts:
            sign(signed)

    def verdict() -> Verdict:
        check(sign(texts[0]), texts[0])
        return {"good": True, "bad": {}}

    return Subject(texts, loop, verdict)
