// One entry per Node library, each told as much of the policy as its interface takes.
//
// `judge` returns where the token is accepted; whatever it throws is a refusal, but for `Skip`.

import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';

import { createDecoder, createVerifier } from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import * as oauth from 'oauth4webapi';

import { ASYMMETRIC, SYMMETRIC, Skip, byKid, forKey, oneAudience } from './policy.mjs';

const WITHOUT_EDWARDS = [...ASYMMETRIC, ...SYMMETRIC].filter((alg) => !alg.startsWith('Ed'));

/** For options that judge `iat` only where an age is bounded: a bound that nothing reaches. An age is no lifetime. */
const UNBOUNDED = 1e11;

function text(token) {
  if (typeof token !== 'string') throw new Skip('takes text only');
  return token;
}

/** The key of a JWK for libraries that take none: what else the entry says is lost. */
function bare(jwk) {
  return jwk.kty === 'oct' ? Buffer.from(jwk.k, 'base64url') : createPublicKey({ key: jwk, format: 'jwk' });
}

/** The library's choice out of a set of public keys; its sets hold no secrets, so these go by `kid`. */
function joseKeys(jwks) {
  const publicKeys = jose.createLocalJWKSet(jwks);
  const secrets = { keys: jwks.keys.filter((jwk) => jwk?.kty === 'oct') };
  return async (header, token) => {
    if (!header.alg.startsWith('HS')) return publicKeys(header, token);
    const jwk = byKid(secrets, header.kid);
    if (!forKey(jwk, SYMMETRIC).includes(header.alg)) throw new Error('the key is for another algorithm');
    return jose.importJWK(jwk, header.alg);
  };
}

/** `jwtVerify` over the key set. */
const withJose = {
  package: 'jose',
  known: [...ASYMMETRIC, ...SYMMETRIC],
  async judge(policy, token, at) {
    await jose.jwtVerify(token, joseKeys(policy.jwks), {
      issuer: policy.issuer,
      audience: policy.audience,
      algorithms: policy.algorithms,
      typ: policy.typ,
      requiredClaims: policy.required,
      clockTolerance: policy.leeway,
      // Without it, an `iat` of the future is not looked at.
      maxTokenAge: UNBOUNDED,
      currentDate: new Date(at * 1000),
    });
  },
};

/** `validateJwtAccessToken`: RFC 9068, and DPoP where the request brings it. */
const withOauth4webapi = {
  package: 'oauth4webapi',
  known: ASYMMETRIC,
  async judge(policy, token, _, request = {}) {
    if (policy.profile !== 'rfc9068' || policy.extra.length > 0) throw new Skip('knows the claims of RFC 9068 only');
    const audience = oneAudience(policy);
    const credential = `${request.scheme ?? 'Bearer'} ${text(token)}`;
    const headers = new Headers();
    try {
      headers.set('authorization', credential);
      for (const proof of [request.dpop ?? []].flat()) headers.append('dpop', proof);
    } catch {
      throw new Skip('no header can carry it');
    }
    const carried = headers.get('authorization') === credential && !token.startsWith(' ');
    if (!carried) throw new Skip('no header can carry it');
    const asked = new Request(request.url ?? 'https://api.example/', { method: request.method ?? 'GET', headers });
    const issuer = { issuer: policy.issuer, jwks_uri: 'https://as.example/jwks' };
    // Its own option for the clock is an offset to the process's, which the driver has set.
    await oauth.validateJwtAccessToken(issuer, asked, audience, {
      signingAlgorithms: policy.algorithms,
      [oauth.clockTolerance]: policy.leeway,
      [oauth.customFetch]: async () => Response.json(policy.jwks),
    });
  },
};

/** `createVerifier` for the key under the token's `kid`. */
const withFastJwt = {
  package: 'fast-jwt',
  known: [...ASYMMETRIC, ...SYMMETRIC].filter((alg) => alg !== 'Ed25519'),
  async judge(policy, token, at) {
    const readable = typeof token === 'string' ? token : token.toString();
    const jwk = byKid(policy.jwks, createDecoder({ complete: true })(readable).header.kid);
    const key = bare(jwk);
    createVerifier({
      key: Buffer.isBuffer(key) ? key : key.export({ type: 'spki', format: 'pem' }),
      algorithms: forKey(jwk, policy.algorithms),
      allowedIss: policy.issuer,
      allowedAud: policy.audience,
      // Any text, but text: without these, a list of them passes.
      allowedSub: /./su,
      allowedJti: /./su,
      checkTyp: policy.typ,
      requiredClaims: policy.required,
      clockTimestamp: at * 1000,
      clockTolerance: policy.leeway * 1000,
      // Judges the type of `iat`.
      maxAge: UNBOUNDED * 1000,
      cache: false,
    })(token);
  },
};

/** `verify` with the key under the token's `kid`. Claims are required only where an option names a value. */
const withJsonwebtoken = {
  package: 'jsonwebtoken',
  known: WITHOUT_EDWARDS,
  async judge(policy, token, at) {
    if (policy.extra.length > 0) throw new Skip('requires no claims by name');
    const decoded = jsonwebtoken.decode(text(token), { complete: true });
    if (decoded === null) throw new Error('decodes to nothing');
    const jwk = byKid(policy.jwks, decoded.header.kid);
    jsonwebtoken.verify(token, bare(jwk), {
      algorithms: forKey(jwk, policy.algorithms),
      issuer: policy.issuer,
      audience: policy.audience,
      clockTimestamp: at,
      clockTolerance: policy.leeway,
      // Requires `iat` to be a number.
      maxAge: UNBOUNDED,
    });
  },
};

export const LIBRARIES = {
  'peer-jose': withJose,
  'peer-oauth4webapi': withOauth4webapi,
  'peer-fast-jwt': withFastJwt,
  'peer-jsonwebtoken': withJsonwebtoken,
};

/** The installed version. */
export function version({ package: name }) {
  const paths = createRequire(import.meta.url).resolve.paths(name);
  for (const path of paths) {
    try {
      return createRequire(import.meta.url)(`${path}/${name}/package.json`).version;
    } catch {
      // The next folder up.
    }
  }
  return 'unknown';
}
