// The ES module entry: the very same objects as the CommonJS entry has, so that `instanceof`
// holds across both.

import at9068 from './lib.cjs';

export const {
  AccessToken,
  At9068Error,
  Explanation,
  IssuerCache,
  KeySet,
  MintedToken,
  Minter,
  SigningKey,
  Validator,
  certificateSha256,
  errorCodes,
  thumbprint,
  verifyJws,
  version,
} = at9068;
