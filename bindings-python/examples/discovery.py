"""Validates a token with the keys that its issuer publishes."""

import asyncio
import os
import sys

from at9068 import IssuerCache, UndecidedError, Validator

# Timeouts, trust roots and a proxy, where the defaults do not do.
cache = IssuerCache.from_json(os.environ.get("ISSUER_CACHE", "{}"))
validator = Validator(issuer=sys.argv[1], audience="https://api.example/", issuer_cache=cache)


async def main() -> None:
    """Fetch the keys when the server starts, and validate when a request comes."""
    try:
        await validator.prefetch_async()
        token = await validator.validate_async(sys.argv[2])
    except UndecidedError as error:
        print(error.code, error.status, f"Retry-After: {error.retry_after}")
    else:
        print(token.sub, *token.aud)
    print(*[(status.get("state"), status.get("keys")) for status in cache.status()["issuers"]])


asyncio.run(main())
