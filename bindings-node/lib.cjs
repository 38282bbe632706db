'use strict';

// The CommonJS entry. The classes lie in lib/; each of their methods converts, calls the native
// half once and converts back. What everything does is told in index.d.cts.

const { At9068Error, call, errorCodes } = require('./lib/error.cjs');
const { AccessToken } = require('./lib/access_token.cjs');
const { Explanation } = require('./lib/explanation.cjs');
const { IssuerCache } = require('./lib/issuer_cache.cjs');
const { verifyJws } = require('./lib/jws.cjs');
const { KeySet, SigningKey, certificateSha256, thumbprint } = require('./lib/keys.cjs');
const { MintedToken, Minter } = require('./lib/minter.cjs');
const { Validator } = require('./lib/validator.cjs');
const native = require('./lib/native.cjs');

module.exports = {
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
  version: call(() => native.version()),
};
