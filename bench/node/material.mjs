// The tokens, keys and expectations that all workers are given.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What RFC 9068 §2.2 requires. */
export const REQUIRED = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];

/** What a verdict must have read, by the names of the claims. */
const READ = ['iss', 'sub', 'client_id', 'scope', 'exp'];

/** Everything that a library is told of one algorithm. */
class Algorithm {
  constructor(name, material, entry) {
    const { issuer, audience, expected } = material;
    Object.assign(this, { name, issuer, audience, expected });
    const { token, tokens, bad, jwk, jwks, pem, header, minter } = entry;
    Object.assign(this, { token, tokens, bad, jwk, jwks, pem, header, minter });
    const { private_jwk: privateJwk, private_pem: privatePem, mint_request: mintRequest } = entry;
    Object.assign(this, { privateJwk, privatePem, mintRequest });
    /** The secret, of an algorithm that has one. */
    this.secret = jwk.k === undefined ? undefined : Buffer.from(jwk.k, 'base64url');
    const { iat: _iat, exp: _exp, jti: _jti, ...claims } = entry.claims;
    /** The claims of a good token, but for those that each token has anew. */
    this.claims = claims;
  }

  /** Whether what was read in the good token is what it says. */
  isExpected(claims) {
    return READ.every((name) => claims[name] === this.expected[name]);
  }

  /** The claims of a token to mint: new times, and a random identifier of 128 bits. */
  anew() {
    const now = Math.floor(Date.now() / 1000);
    return { ...this.claims, iat: now, exp: now + 86400, jti: randomBytes(16).toString('base64url') };
  }
}

/** What the file holds, by algorithm. */
export function read(path) {
  const material = JSON.parse(readFileSync(path, 'utf8'));
  return Object.entries(material.algorithms).map(([name, entry]) => new Algorithm(name, material, entry));
}
