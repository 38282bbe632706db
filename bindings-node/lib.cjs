'use strict';

// The CommonJS entry. The classes lie in lib/; each of their methods converts, calls the native
// half once and converts back. What everything does is told in index.d.cts.

const { At9068Error, call, errorCodes } = require('./lib/error.cjs');
const { AccessToken, introspectionResponse } = require('./lib/access_token.cjs');
const {
  ClientAssertion,
  ClientAssertionMinter,
  ClientAssertionValidator,
} = require('./lib/client_assertion.cjs');
const { Explanation } = require('./lib/explanation.cjs');
const { IdToken, IdTokenValidator } = require('./lib/id_token.cjs');
const { IssuerCache } = require('./lib/issuer_cache.cjs');
const { verifyJws } = require('./lib/jws.cjs');
const { KeySet, SigningKey, certificateSha256, thumbprint } = require('./lib/keys.cjs');
const { Minter } = require('./lib/minter.cjs');
const { MemoryReplayStore } = require('./lib/replay.cjs');
const { Revocations } = require('./lib/revocations.cjs');
const { MintedToken } = require('./lib/signing_minter.cjs');
const { Validator } = require('./lib/validator.cjs');
const native = require('./lib/native.cjs');

module.exports = {
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
  version: call(() => native.version()),
};
