// The ES module entry: the very same objects as the CommonJS entry has, so that `instanceof`
// holds across both.

import at9068 from './lib.cjs';

export const {
  AccessToken,
  At9068Error,
  ClientAssertion,
  ClientAssertionMinter,
  ClientAssertionValidator,
  Explanation,
  IdToken,
  IdTokenValidator,
  IssuerCache,
  KeySet,
  MemoryReplayStore,
  MintedToken,
  Minter,
  Revocations,
  SigningKey,
  Validator,
  certificateSha256,
  errorCodes,
  introspectionResponse,
  thumbprint,
  verifyJws,
  version,
} = at9068;
