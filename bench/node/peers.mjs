// The libraries that at9068 is measured beside, each set up as its documentation has it do best.
//
// Keys are parsed once, the algorithm is pinned, and what a library has an option for is checked: type, issuer,
// audience, expiry, required claims. `verify`, `verifyAsync` and `verifyCached` give a function from a token to its
// claims, which throws or rejects where the token is refused; `sign` and `signAsync` one that mints a token.
// `unchecked` is what there is no option to check.

import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { createRequire } from 'node:module';

import { JwtVerifier } from 'aws-jwt-verify';
import { createSigner, createVerifier } from 'fast-jwt';
import * as jose from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import * as oauth from 'oauth4webapi';

import { REQUIRED } from './material.mjs';

// Its native half is there for some platforms only.
const nodeRs = await import('@node-rs/jsonwebtoken').catch(() => undefined);

const ASYMMETRIC = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const EVERY = [...ASYMMETRIC, 'HS256'];

function publicKey({ pem, secret }) {
  return pem === undefined ? createSecretKey(secret) : createPublicKey(pem);
}

function privateKey({ privatePem, secret }) {
  return privatePem === undefined ? createSecretKey(secret) : createPrivateKey(privatePem);
}

/** `jwtVerify` with a CryptoKey. */
const withJose = {
  package: 'jose',
  algorithms: EVERY,
  note: 'jwtVerify with a CryptoKey',
  async verifyAsync({ name, jwk, issuer, audience }) {
    const key = await jose.importJWK(jwk, name);
    const options = { algorithms: [name], issuer, audience, typ: 'at+jwt', requiredClaims: REQUIRED };
    return async (token) => (await jose.jwtVerify(token, key, options)).payload;
  },
  async signAsync(algorithm) {
    const key = await jose.importJWK(algorithm.privateJwk, algorithm.name);
    return () => new jose.SignJWT(algorithm.anew()).setProtectedHeader(algorithm.header).sign(key);
  },
};

/** `validateJwtAccessToken`, with the keys at hand and the requests made beforehand, as a server has them. */
const withOauth4webapi = {
  package: 'oauth4webapi',
  algorithms: ASYMMETRIC,
  note: 'validateJwtAccessToken; keys in its cache; the Request is made outside of the time measured',
  given: (token) => new Request('https://api.example/', { headers: { authorization: `Bearer ${token}` } }),
  async verifyAsync({ name, jwks, issuer, audience }) {
    const server = { issuer, jwks_uri: 'https://as.example/jwks' };
    const options = {
      signingAlgorithms: [name],
      [oauth.customFetch]: async () => Response.json(jwks),
    };
    return (request) => oauth.validateJwtAccessToken(server, request, audience, options);
  },
};

/** `createVerifier` with a PEM text, which it parses once. */
const withFastJwt = {
  package: 'fast-jwt',
  algorithms: EVERY,
  note: 'createVerifier, cache off; in cases of hits cache: true, the default size of 1,000',
  verify: (algorithm) => createVerifier({ ...fastJwtOptions(algorithm), cache: false }),
  verifyCached: (algorithm) => createVerifier({ ...fastJwtOptions(algorithm), cache: true }),
  sign(algorithm) {
    const { name, privatePem, secret, header } = algorithm;
    const sign = createSigner({ key: privatePem ?? secret, algorithm: name, header });
    return () => sign(algorithm.anew());
  },
};

function fastJwtOptions({ name, pem, secret, issuer, audience }) {
  return {
    key: pem ?? secret,
    algorithms: [name],
    allowedIss: issuer,
    allowedAud: audience,
    checkTyp: 'at+jwt',
    requiredClaims: REQUIRED,
  };
}

/** The same whose cache is keyed by the tokens themselves, which it warns of: they are kept in clear. */
const withFastJwtInClear = {
  package: 'fast-jwt',
  algorithms: EVERY,
  note: 'cache: true, keyed by the tokens themselves (cacheKeyBuilder), which its documentation warns of',
  verifyCached: (algorithm) =>
    createVerifier({ ...fastJwtOptions(algorithm), cache: true, cacheKeyBuilder: (token) => token }),
};

/** `verify` with a KeyObject. */
const withJsonwebtoken = {
  package: 'jsonwebtoken',
  algorithms: EVERY.filter((name) => name !== 'EdDSA'),
  unchecked: ['typ', 'client_id present'],
  note: 'a KeyObject; requires no claims by name',
  verify(algorithm) {
    const { name, issuer, audience } = algorithm;
    const key = publicKey(algorithm);
    const options = { algorithms: [name], issuer, audience };
    return (token) => jsonwebtoken.verify(token, key, options);
  },
  sign(algorithm) {
    const key = privateKey(algorithm);
    const options = { algorithm: algorithm.name, header: algorithm.header };
    return () => jsonwebtoken.sign(algorithm.anew(), key, options);
  },
};

/** `JwtVerifier` with the key set in its cache, and the rest in its `customJwtCheck`. */
const withAws = {
  package: 'aws-jwt-verify',
  algorithms: ['RS256', 'ES256', 'EdDSA'],
  note: 'keys in its cache; type and required claims in a customJwtCheck; the algorithm is the one of the JWK',
  verify(algorithm) {
    const verifier = awsVerifier(algorithm);
    return (token) => verifier.verifySync(token);
  },
  async verifyAsync(algorithm) {
    const verifier = awsVerifier(algorithm);
    return (token) => verifier.verify(token);
  },
};

function awsVerifier({ jwks, issuer, audience }) {
  const customJwtCheck = ({ header, payload }) => {
    if (header.typ !== 'at+jwt') throw new Error('another type');
    for (const name of REQUIRED) if (payload[name] === undefined) throw new Error(`no ${name}`);
  };
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: 'https://as.example/jwks', customJwtCheck });
  verifier.cacheJwks(jwks);
  return verifier;
}

/** `verifySync` with a PEM text, which it parses with each call; it takes no other form. */
const withNodeRs = {
  package: '@node-rs/jsonwebtoken',
  algorithms: EVERY,
  unchecked: ['typ', 'client_id present'],
  note: 'a PEM text, parsed with each call, as it takes no key objects; requires registered claims only',
  verify(algorithm) {
    const [key, options] = nodeRsArguments(algorithm);
    return (token) => nodeRs.verifySync(token, key, options);
  },
  async verifyAsync(algorithm) {
    const [key, options] = nodeRsArguments(algorithm);
    return (token) => nodeRs.verify(token, key, options);
  },
  sign(algorithm) {
    const { name, privatePem, secret, header } = algorithm;
    return () => nodeRs.signSync(algorithm.anew(), privatePem ?? secret, { algorithm: name, keyId: header.kid });
  },
};

function nodeRsArguments({ name, pem, secret, issuer, audience }) {
  const requiredSpecClaims = ['exp', 'aud', 'iss', 'sub'];
  return [pem ?? secret, { algorithms: [name], iss: [issuer], aud: [audience], requiredSpecClaims }];
}

const ALL = {
  jose: withJose,
  oauth4webapi: withOauth4webapi,
  'fast-jwt': withFastJwt,
  'fast-jwt-in-clear': withFastJwtInClear,
  jsonwebtoken: withJsonwebtoken,
  'aws-jwt-verify': withAws,
  'node-rs-jsonwebtoken': withNodeRs,
};

/** Why some of them are not measured. */
export const ABSENT = nodeRs === undefined ? { 'node-rs-jsonwebtoken': 'has no native half for this platform' } : {};

export const PEERS = Object.fromEntries(Object.entries(ALL).filter(([name]) => !(name in ABSENT)));

/** The installed version. */
export function version({ package: name }) {
  const require = createRequire(import.meta.url);
  for (const path of require.resolve.paths(name)) {
    try {
      return require(`${path}/${name}/package.json`).version;
    } catch {
      // The next folder up.
    }
  }
  return 'unknown';
}
