// What the tests share: an issuer with its key, an API, and what goes wrong.

import assert from 'node:assert/strict';
import { Minter, SigningKey, Validator } from 'at9068';

export const ISSUER = 'https://as.example/';
export const API = 'https://api.example/';
export const NOW = 1_700_000_000;

export const key = SigningKey.generateSync('EdDSA');

export const minterOptions = {
  issuer: ISSUER,
  keys: key,
  apis: [
    { audience: API, dialect: 'rfc9068_profile_authz', scopes: ['read', 'write'], lifetime_seconds: 600 },
    { audience: 'auth0', dialect: 'access_token' },
  ],
};
export const validatorOptions = { issuer: ISSUER, audience: API, jwks: key.keySet() };
export const request = {
  grant_type: 'authorization_code',
  client_id: 'app',
  subject: 'auth0|123456',
  resource: [API],
  scope: 'openid read',
};

export const minter = new Minter(minterOptions);
export const validator = new Validator(validatorOptions);

/** A token with the members given on top of the usual request. */
export function mint(more = {}) {
  return minter.mintSync({ ...request, ...more }, { now: NOW });
}

/** The error that a call throws. */
export function thrown(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

/** The code of the error that a call throws. */
export function code(call) {
  return thrown(call).code;
}
