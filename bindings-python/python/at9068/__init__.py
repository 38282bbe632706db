"""OAuth 2.0 JWT access tokens (RFC 9068), minted and validated by one strict core.

A resource server has a :class:`Validator`, an authorization server a :class:`Minter`. Whatever
is refused is an :class:`At9068Error` with a stable ``code``. Times are seconds since the epoch.
All classes are immutable and may be shared between threads.
"""

from at9068._at9068 import (
    AccessToken,
    KeySet,
    MintedToken,
    Minter,
    SigningKey,
    Validator,
    __version__,
    certificate_sha256,
    error_codes,
    thumbprint,
)
from at9068._errors import (
    At9068Error,
    ConfigError,
    DemandError,
    ErrorCode,
    ErrorCodeInfo,
    KeySetError,
    Kind,
    MintError,
    TokenError,
    UndecidedError,
)
from at9068._types import (
    Algorithm,
    ApiOptions,
    Clock,
    DialectName,
    IssuerOptions,
    KeySetLike,
    MinterOptions,
    MintRequest,
    ProfileName,
    Request,
    Require,
    SigningKeys,
    SkippedKey,
    ValidatorOptions,
)

__all__ = [
    "AccessToken",
    "Algorithm",
    "ApiOptions",
    "At9068Error",
    "Clock",
    "ConfigError",
    "DemandError",
    "DialectName",
    "ErrorCode",
    "ErrorCodeInfo",
    "IssuerOptions",
    "KeySet",
    "KeySetError",
    "KeySetLike",
    "Kind",
    "MintError",
    "MintRequest",
    "MintedToken",
    "Minter",
    "MinterOptions",
    "ProfileName",
    "Request",
    "Require",
    "SigningKey",
    "SigningKeys",
    "SkippedKey",
    "TokenError",
    "UndecidedError",
    "Validator",
    "ValidatorOptions",
    "__version__",
    "certificate_sha256",
    "error_codes",
    "thumbprint",
]
