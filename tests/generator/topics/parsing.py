"""The shape of a token: segments, base64url, JSON text, sizes."""

from __future__ import annotations

from typing import Any

from ..build import Topic, claims, header, token
from ..common import config, jwks, topic
from ..encoding import Raw, b64u, text
from ..expect import OPEN, Err
from ..jose import Token, make, sign_segments
from ..keys import public_jwk

MALFORMED = Err("token_malformed")
TOO_LARGE = Err("token_too_large")


def build() -> list[Topic]:
    """The files of this topic."""
    shape = topic("parsing", "Segments, base64url and JSON text of header and claims.")
    segments(shape)
    base64url(shape)
    json_text(shape)
    limits_file = topic("limits", "Sizes, depths and counts, one step on either side of each limit.")
    limits(limits_file)
    return [shape, limits_file]


def segments(t: Topic) -> None:
    """Three segments, nothing else."""
    good = token()
    a, b, c = good.parts
    t.validate("good", "The token that the cases of this file spoil", "AT-HDR-1 AT-VAL-1 AT-VAL-3 AT-VAL-5", good)
    spoiled = {
        "empty": "",
        "one": a,
        "two": f"{a}.{b}",
        "four": f"{good.compact}.{c}",
        "trailing-dot": f"{good.compact}.",
        "leading-dot": f".{good.compact}",
        "only-dots": "..",
        "one-dot": ".",
        "six": f"{good.compact}.{a}.{b}.{c}",
        "empty-header": f".{b}.{c}",
        "empty-claims": f"{a}..{c}",
        "thousand-dots": a + "." * 1000,
        "bearer-prefix": f"Bearer {good.compact}",
        "quoted": f'"{good.compact}"',
        "percent-dot": good.compact.replace(".", "%2E"),
        "full-width-dot": good.compact.replace(".", "\uff0e"),
        "leading-space": f" {good.compact}",
        "trailing-space": f"{good.compact} ",
        "trailing-newline": f"{good.compact}\n",
        "leading-newline": f"\n{good.compact}",
        "trailing-nul": f"{good.compact}\0",
        "tab-inside": f"{a}\t.{b}.{c}",
        "leading-bom": f"\ufeff{good.compact}",
        "flattened-json": text({"payload": b, "protected": a, "signature": c}),
        "general-json": text({"payload": b, "signatures": [{"protected": a, "signature": c}]}),
    }
    for name, made in spoiled.items():
        rules = "JOSE-4 T56 T21" if "json" in name else "JOSE-4 T52 T55"
        t.validate(f"segments-{name}", f"Compact form spoiled: {name}", rules, made, MALFORMED)
    raw = good.compact.encode()
    for name, data in {
        "not-utf8": raw + b"\xff",
        "latin-1": b"\xe9" + raw,
        "utf-16": good.compact.encode("utf-16"),
        "cut-utf8": raw + b"\xc3",
    }.items():
        t.validate(f"bytes-{name}", f"Token bytes that are no UTF-8: {name}", "JOSE-4 T60", data, MALFORMED)
    jwe_header = b64u(text({"alg": "RSA-OAEP-256", "enc": "A256GCM"}).encode())
    t.validate(
        "five-jwe",
        "Five parts with a JWE header: nothing is configured to decrypt",
        "AT-VAL-2 T132",
        f"{jwe_header}.{a}.AAAAAAAAAAAAAAAA.{b}.AAAAAAAAAAAAAAAAAAAAAA",
        Err("decryption_failed"),
    )
    for name, first in {
        "jws-header": a,
        "enc-number": b64u(text({"alg": "dir", "enc": 1}).encode()),
        "alg-absent": b64u(text({"enc": "A256GCM"}).encode()),
        "array": b64u(b'["alg","enc"]'),
        "not-json": b64u(b"alg enc"),
        "empty": "",
    }.items():
        t.validate(
            f"five-{name}",
            f"Five parts, the first no JWE header: {name}",
            "JOSE-4 T52 T132",
            f"{first}.{a}.AAAAAAAAAAAAAAAA.{b}.AAAAAAAAAAAAAAAAAAAAAA",
            MALFORMED,
        )


def junk(segment: str) -> dict[str, str]:
    """Ways to write a segment that a lenient base64 decoder still reads as the same bytes."""
    middle = len(segment) // 2
    return {
        "padded": segment + "=" * (-len(segment) % 4 or 4),
        "one-equals": segment + "=",
        "space": f"{segment[:middle]} {segment[middle:]}",
        "newline": f"{segment[:middle]}\n{segment[middle:]}",
        "carriage-return": f"{segment[:middle]}\r\n{segment[middle:]}",
        "tab": f"{segment[:middle]}\t{segment[middle:]}",
        "nul": f"{segment[:middle]}\0{segment[middle:]}",
        "junk": f"{segment[:middle]}!{segment[middle:]}",
        "extra-character": f"{segment}A" if len(segment) % 4 == 0 else segment[:-1] + "AAA",
    }


def base64url(t: Topic) -> None:
    """No padding, no white space, no junk, canonical last character: also where the signature covers it."""
    good = token()
    # A claims segment of 4n+2 characters, so that unused bits exist.
    odd = next(made for n in range(3) for made in [token(body=claims(pad="x" * n))] if len(made.parts[1]) % 4 == 2)
    for index, part in enumerate(("header", "claims")):
        for name, spoiled in junk(good.parts[index]).items():
            if name == "extra-character" and len(good.parts[index]) % 4:
                continue
            parts = good.parts[:2]
            parts[index] = spoiled
            t.validate(
                f"{part}-{name}",
                f"{name} in the {part} segment, signed as sent",
                "JOSE-4 T50",
                sign_segments(parts[0], parts[1], "ES256", "p256-a"),
                MALFORMED,
                flags="parser",
            )
    for name, spoiled in junk(good.parts[2]).items():
        if name == "extra-character":
            continue
        t.validate(
            f"signature-{name}",
            f"{name} in the signature segment",
            "JOSE-4 T50",
            ".".join([*good.parts[:2], spoiled]),
            MALFORMED,
            flags="parser",
        )
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    def next_character(segment: str) -> str:
        return segment[:-1] + alphabet[alphabet.index(segment[-1]) + 1]

    a, b, c = odd.parts
    t.validate(
        "claims-trailing-bits",
        "Unused bits set in the last character of the claims, signed as sent",
        "JOSE-4 T51",
        sign_segments(a, next_character(b), "ES256", "p256-a"),
        MALFORMED,
        flags="parser",
    )
    t.validate(
        "signature-trailing-bits",
        "Unused bits set in the last character of the signature",
        "JOSE-4 T51",
        f"{a}.{b}.{next_character(c)}",
        MALFORMED,
        flags="parser",
    )
    # '?>~' and '?' produce '+' and '/' in the standard alphabet.
    standard = token(body=claims(note="~?>~?>~?>"))
    swapped = standard.parts[1].replace("-", "+").replace("_", "/")
    assert swapped != standard.parts[1]
    t.validate(
        "claims-standard-alphabet",
        "+ and / instead of - and _, signed as sent",
        "JOSE-4 T50",
        sign_segments(standard.parts[0], swapped, "ES256", "p256-a"),
        MALFORMED,
        flags="parser",
    )
    t.validate("claims-url-alphabet", "- and _ are the right letters", "JOSE-4", standard)


def json_text(t: Topic) -> None:
    """Header and claims: one JSON object each, strict RFC 8259, no duplicate member anywhere."""
    head, body = text(header()), text(claims())
    forms: dict[str, Any] = {
        "array": "[]",
        "string": '"x"',
        "number": "1",
        "null": "null",
        "true": "true",
        "empty": b"",
        "blank": " ",
        "trailing-comma": "{open},}",
        "trailing-bytes": "{all} x",
        "two-objects": "{all}{all}",
        "comment": "{all}/*x*/",
        "line-comment": "{all}//x",
        "nan": '{open},"x":NaN}',
        "infinity": '{open},"x":Infinity}',
        "minus-infinity": '{open},"x":-Infinity}',
        "hex": '{open},"x":0x10}',
        "leading-zero": '{open},"x":01}',
        "plus": '{open},"x":+1}',
        "bare-dot": '{open},"x":1.}',
        "leading-dot": '{open},"x":.5}',
        "bare-exponent": '{open},"x":1e}',
        "single-quotes": "{open},'x':1}",
        "bare-name": "{open},x:1}",
        "raw-control": '{open},"x":"a\x01b"}',
        "raw-newline": '{open},"x":"a\nb"}',
        "raw-tab": '{open},"x":"a\tb"}',
        "bad-escape": '{open},"x":"\\x41"}',
        "short-escape": '{open},"x":"\\u12"}',
        "lone-high": '{open},"x":"\\ud800"}',
        "lone-low": '{open},"x":"\\udc00"}',
        "swapped-surrogates": '{open},"x":"\\udc00\\ud800"}',
        "lone-high-name": '{open},"\\ud800":1}',
        "truncated": "{open}",
        "capital-true": '{open},"x":True}',
        "missing-colon": '{open},"x" 1}',
        "missing-value": '{open},"x":}',
        "double-comma": '{open},,"x":1}',
        "leading-comma": '{{,"x":1}',
        "duplicate-last": '{open},"x":1,"x":1}',
        "duplicate-nested": '{open},"x":{"a":1,"a":2}}',
        "duplicate-deep": '{open},"x":[[{"a":{"b":1,"b":1}}]]}',
        "duplicate-escaped": '{open},"\\u0078":1,"x":2}',
        "duplicate-surrogate-pair": '{open},"\\ud83d\\ude00":1,"\U0001f600":2}',
        "duplicate-empty-name": '{open},"":1,"":2}',
        "form-feed": "{all}\x0c",
        "nbsp": "{all}\u00a0",
    }
    own = {
        "header": {
            "duplicate-alg": '{"alg":"none",' + head[1:],
            "duplicate-kid": head[:-1] + ',"kid":"es256"}',
            "duplicate-typ": '{"typ":"JWT",' + head[1:],
        },
        "claims": {
            "duplicate-iss": '{"iss":"https://evil.example/",' + body[1:],
            "duplicate-sub": body[:-1] + ',"sub":"x"}',
            "duplicate-sub-escaped": body[:-1] + ',"s\\u0075b":"x"}',
            "duplicate-exp": body[:-1] + ',"exp":9999999999}',
            "nested-jwt": token().compact,
        },
    }
    for part, good in (("header", head), ("claims", body)):
        cases: dict[str, bytes] = {}
        for name, form in forms.items():
            filled = (
                form
                if isinstance(form, bytes)
                else (form.replace("{{", "{").replace("{all}", good).replace("{open}", good[:-1]).encode())
            )
            cases[name] = filled
        for name, form in own[part].items():
            cases[name] = form.encode()
        cases |= {
            "bom": b"\xef\xbb\xbf" + good.encode(),
            "utf-16": good.encode("utf-16"),
            "utf-16-le": good.encode("utf-16-le"),
            "utf-32": good.encode("utf-32-le"),
            "bad-utf8": good[:-1].encode() + b',"x":"\xff"}',
            "overlong": good[:-1].encode() + b',"x":"\xc0\xaf"}',
            "cesu": good[:-1].encode() + b',"x":"\xed\xa0\x80"}',
            "above-range": good[:-1].encode() + b',"x":"\xf4\x90\x80\x80"}',
            "bad-utf8-name": good[:-1].encode() + b',"\xfe":1}',
        }
        for name, data in cases.items():
            if data == b"":
                continue  # segments-empty-* have it
            made = make(
                data if part == "header" else header(), data if part == "claims" else claims(), "ES256", "p256-a"
            )
            rules = "JOSE-5 T33 T57" if "duplicate" in name else "JOSE-5 T40 T59 T60 T61"
            t.validate(
                f"{part}-json-{name}",
                f"{part} JSON spoiled: {name}, signed as sent",
                rules,
                made.compact,
                MALFORMED,
                flags="parser",
            )
    accepted = {
        "spaces": Raw(
            '{ "iss" : "https://as.example/", "sub":"u" ,"aud":[ "https://api.example/" ],"client_id":"c",'
            ' "exp":1700003600,"iat":1700000000,"jti":"j" }'
        ),
        "escaped-name": Raw(body[:-1].replace('"sub"', '"s\\u0075b"') + "}"),
        "escaped-slash": Raw(body.replace("/", "\\/")),
        "escapes-in-audiences": Raw(
            body.replace('"aud":"https://api.example/"', '"aud":["a\\"b","c\\\\","https://api.example/"]')
        ),
        "nul-escaped": Raw(body[:-1] + ',"x":"a\\u0000b"}'),
        "surrogate-pairs-as-names": Raw(body[:-1] + ',"\\ud83d\\ude00":1,"\\ud83d\\ude01":2,"\\ud83e\\ude00":3}'),
        "surrogate-pair": Raw(body[:-1] + ',"x":"\\ud83d\\ude00"}'),
        "empty-name": Raw(body[:-1] + ',"":1}'),
        "same-name-elsewhere": Raw(body[:-1] + ',"x":{"iss":"a","x":{"iss":"b"}},"y":[{"iss":1},{"iss":2}]}'),
        "prototype-names": Raw(body[:-1] + ',"__proto__":{"sub":"evil"},"constructor":1,"toString":2}'),
        "numbers-kept": Raw(
            body[:-1] + ',"a":9007199254740993,"b":18446744073709551616,"c":1.0,"d":1E2,"e":-0,"f":0.1,'
            '"g":1e400,"h":123456789012345678901234567890.5}'
        ),
        "non-ascii": Raw(body[:-1] + ',"x":"Zürich \u202e \u200b e\u0301 \U0001f600"}'),
        "del-character": Raw(body[:-1] + ',"x":"\x7f"}'),
    }
    for name, kept in accepted.items():
        t.validate(
            f"claims-kept-{name}", f"Good JSON comes back byte for byte: {name}", "JOSE-5 T41 T60 T62", token(body=kept)
        )
    # The claims themselves hold line breaks here, so that they could not stand in a one-line answer:
    # the demand that fails after everything else has passed shows that they were read.
    for name, spaced in {
        "line-breaks": body.replace(",", ",\r\n "),
        "every-white-space": "\t\n\r " + body + " \r\n\t",
    }.items():
        t.validate(
            f"claims-read-{name}",
            f"White space of JSON between the members: {name}",
            "JOSE-5",
            token(body=Raw(spaced)),
            Err("scope_insufficient"),
            require={"scopes": ["admin"]},
        )
    as_bytes = token()
    t.validate(
        "bytes-good",
        "A good token sent as bytes",
        "JOSE-4",
        as_bytes.compact.encode(),
        "rfc9068",
        kept=as_bytes,
    )
    t.validate(
        "header-kept",
        "The header comes back byte for byte, members unknown to us included",
        "JOSE-5",
        token(Raw('{ "kid":"es256" ,"alg":"ES256","typ":"at+jwt","x":{"y":[1.0,1e2,"\\u00e9"]},"__proto__":1}')),
    )


def padded_to(length: int) -> Token:
    """A good token of exactly `length` characters."""
    for extra in range(4):
        head = header(pad="x" * extra)
        base = len(token(head, claims(pad="")).compact)
        guess = max(0, (length - base) * 3 // 4 - 4)
        for size in range(guess, guess + 10):
            made = token(head, claims(pad="x" * size))
            if len(made.compact) == length:
                return made
    raise AssertionError(length)


def nested(depth: int) -> Any:
    """Arrays within arrays, `depth` deep."""
    return Raw("[" * depth + "]" * depth)


def limits(t: Topic) -> None:
    """Each limit from both sides."""
    t.config("small", config(max_token_bytes=1024))
    t.config("largest", config(max_token_bytes=65536))
    t.validate("token-16384", "A token of 16384 bytes", "JOSE-5 T54", padded_to(16384), flags="valid boundary")
    t.validate("token-16385", "One byte more", "JOSE-5 T54", padded_to(16385).compact, TOO_LARGE, flags="boundary")
    t.validate(
        "token-1024-of-1024",
        "max_token_bytes 1024 met exactly",
        "JOSE-5 T54",
        padded_to(1024),
        config="small",
        flags="valid boundary",
    )
    t.validate(
        "token-1025-of-1024",
        "max_token_bytes 1024, one more",
        "JOSE-5 T54",
        padded_to(1025).compact,
        TOO_LARGE,
        config="small",
        flags="boundary",
    )
    t.validate(
        "token-16385-raised",
        "16385 bytes where the limit was raised",
        "JOSE-5 T54",
        padded_to(16385),
        config="largest",
        flags="valid boundary",
    )
    t.validate("token-of-dots", "17000 dots: size is judged first", "JOSE-4 T53", "." * 17000, TOO_LARGE, flags="order")
    base = len(text(header(pad="")))
    for size, result in ((4096, "rfc9068"), (4097, TOO_LARGE)):
        made = token(header(pad="x" * (size - base)))
        assert len(made.header) == size
        t.validate(
            f"header-{size}",
            f"A header of {size} decoded bytes",
            "JOSE-5 T54",
            made,
            result,
            flags="valid boundary" if result == "rfc9068" else "boundary",
        )
    for size in (1024, 1025):
        kid = "k" * size
        t.config(f"kid-{size}", config(jwks=jwks(public_jwk("p256-a", kid="k" * 1024, alg="ES256"))))
        t.validate(
            f"kid-{size}",
            f"A kid of {size} bytes",
            "JOSE-5 T15",
            token(header(kid=kid)),
            "rfc9068" if size == 1024 else MALFORMED,
            config=f"kid-{size}",
            flags="valid boundary" if size == 1024 else "boundary",
        )
    # The claims object is depth 1, its member value depth 2.
    for depth in (32, 33):
        t.validate(
            f"claims-depth-{depth}",
            f"Claims nested {depth} deep",
            "JOSE-5 T58",
            token(body=claims(x=nested(depth - 1))),
            "rfc9068" if depth == 32 else MALFORMED,
            flags="valid boundary" if depth == 32 else "boundary",
        )
        t.validate(
            f"header-depth-{depth}",
            f"Header nested {depth} deep",
            "JOSE-5 T58",
            token(header(x=nested(depth - 1))),
            "rfc9068" if depth == 32 else MALFORMED,
            flags="valid boundary" if depth == 32 else "boundary",
        )
    objects = Raw('{"a":' * 32 + "1" + "}" * 32)
    t.validate("claims-depth-objects", "33 objects deep", "JOSE-5 T58", token(body=claims(x=objects)), MALFORMED)
    t.validate(
        "claims-depth-5000",
        "5000 arrays deep within the size limit",
        "JOSE-5 T58",
        token(body=claims(x=nested(5000))),
        MALFORMED,
    )
    t.validate(
        "claims-depth-5000-open",
        "5000 arrays opened, none closed",
        "JOSE-5 T58",
        token(body=text(claims())[:-1] + ',"x":' + "[" * 5000).compact,
        MALFORMED,
    )
    for count in (256, 257):
        more = {f"m{n}": n for n in range(count - len(claims()))}
        t.validate(
            f"claims-members-{count}",
            f"{count} members in the claims",
            "JOSE-5 T63",
            token(body=claims(**more)),
            "rfc9068" if count == 256 else TOO_LARGE,
            flags="valid boundary" if count == 256 else "boundary",
        )
        inner = {f"m{n}": n for n in range(count)}
        t.validate(
            f"nested-members-{count}",
            f"{count} members in one inner object",
            "JOSE-5 T63",
            token(body=claims(x=inner)),
            "rfc9068" if count == 256 else TOO_LARGE,
            flags="valid boundary" if count == 256 else "boundary",
        )
    late = Err("token_too_large", authenticated=OPEN)
    for count in (64, 65):
        audiences = [f"https://a{n}.example/" for n in range(count - 1)] + ["https://api.example/"]
        t.validate(
            f"audiences-{count}",
            f"{count} audiences, ours the last",
            "JOSE-5 T63",
            token(body=claims(aud=audiences)),
            "rfc9068" if count == 64 else late,
            flags="valid boundary" if count == 64 else "boundary",
        )
    for count in (1000, 1001):
        scope = " ".join(f"s{n}" for n in range(count))
        t.validate(
            f"scopes-{count}",
            f"{count} scopes",
            "JOSE-5 T63",
            token(body=claims(scope=scope)),
            "rfc9068" if count == 1000 else late,
            flags="valid boundary" if count == 1000 else "boundary",
        )
    t.validate(
        "four-hundred-digits",
        "A custom claim of 400 digits is kept",
        "JOSE-5 T73",
        token(body=claims(x=Raw("9" * 400))),
        flags="valid",
    )
