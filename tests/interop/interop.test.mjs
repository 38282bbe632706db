// jose and jsonwebtoken accept what we mint, we accept what they mint, for every algorithm that both know.
//
// AT9068_MODULE may name another module than the installed package, such as a path in a build folder.

import assert from "node:assert/strict";
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, test } from "node:test";

import * as jose from "jose";
import jsonwebtoken from "jsonwebtoken";

const { Minter, Validator } = await import(process.env.AT9068_MODULE ?? "at9068");

const ISSUER = "https://as.example/";
const API = "https://api.example/";
const CLIENT = "client-7";
const USER = "auth0|123456";

const DIALECTS = {
  rfc9068_profile: { profile: "rfc9068", typ: "at+jwt" },
  rfc9068_profile_authz: { profile: "rfc9068", typ: "at+jwt" },
  access_token: { profile: "auth0", typ: "JWT" },
  access_token_authz: { profile: "auth0", typ: "JWT" },
};
const PROFILES = { rfc9068: "at+jwt", auth0: "JWT" };

const rsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = (namedCurve) => generateKeyPairSync("ec", { namedCurve });
const ed = () => generateKeyPairSync("ed25519");

// Keys are new at each run: nothing here compares texts of tokens.
const PAIRS = {
  RS256: rsa(), RS384: rsa(), RS512: rsa(), PS256: rsa(), PS384: rsa(), PS512: rsa(),
  ES256: ec("P-256"), ES384: ec("P-384"), ES512: ec("P-521"), EdDSA: ed(), Ed25519: ed(),
};
const SECRETS = { HS256: randomBytes(32), HS384: randomBytes(48), HS512: randomBytes(64) };
const ALGORITHMS = [...Object.keys(PAIRS), ...Object.keys(SECRETS)];

// jose knows every algorithm of ours; jsonwebtoken knows no Edwards curves.
const PEERS = { jose: ALGORITHMS, jsonwebtoken: ALGORITHMS.filter((alg) => !/^Ed/.test(alg)) };

function side(alg) {
  const kid = `interop-${alg.toLowerCase()}`;
  if (alg in SECRETS) {
    const jwk = { kty: "oct", k: SECRETS[alg].toString("base64url"), kid, alg };
    return { alg, kid, signing: jwk, verifying: jwk, signingKey: SECRETS[alg], verifyingKey: SECRETS[alg] };
  }
  const { privateKey, publicKey } = PAIRS[alg];
  return {
    alg,
    kid,
    signing: { ...privateKey.export({ format: "jwk" }), kid, alg },
    verifying: { ...publicKey.export({ format: "jwk" }), kid, alg },
    signingKey: privateKey,
    verifyingKey: publicKey,
  };
}

function ours({ alg, signing, verifying }) {
  return {
    mint: async (dialect) =>
      new Minter({
        issuer: ISSUER,
        keys: { keys: [signing] },
        apis: [{ audience: API, dialect, algorithm: alg, scopes: ["read:patients"] }],
      }).mint({
        grant_type: "authorization_code",
        client_id: CLIENT,
        subject: USER,
        resource: [API],
        scope: "read:patients",
        claims: { my_custom_claim: "my_custom_value" },
      }),
    validator: (profile) =>
      new Validator({
        issuer: ISSUER,
        audience: API,
        jwks: { keys: [verifying] },
        profiles: [profile],
        algorithms: [alg],
      }),
  };
}

function peerClaims(profile) {
  const now = Math.floor(Date.now() / 1000);
  const common = {
    iss: ISSUER, sub: USER, aud: API, iat: now, exp: now + 600, scope: "read:patients",
    my_custom_claim: { a: [1, 2.5, null] },
  };
  return profile === "auth0" ? { ...common, azp: CLIENT } : { ...common, client_id: CLIENT, jti: "peer-1" };
}

// Objects of ours may come without a prototype; only their content is compared.
const plain = (value) => JSON.parse(JSON.stringify(value));

function spoiled(token) {
  const at = token.lastIndexOf(".") + 5;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

const peers = {
  jose: {
    sign: async (s, header, claims) =>
      new jose.SignJWT(claims)
        .setProtectedHeader({ alg: s.alg, kid: s.kid, ...header })
        .sign(await jose.importJWK(s.signing, s.alg)),
    verify: async (s, token, typ) => {
      const { payload, protectedHeader } = await jose.jwtVerify(token, await jose.importJWK(s.verifying, s.alg), {
        issuer: ISSUER, audience: API, algorithms: [s.alg], typ, requiredClaims: ["sub", "iat", "exp"],
      });
      return { payload, header: protectedHeader };
    },
    badSignature: { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" },
  },
  jsonwebtoken: {
    sign: async (s, header, claims) =>
      jsonwebtoken.sign(claims, s.signingKey, { algorithm: s.alg, keyid: s.kid, header }),
    verify: async (s, token) => {
      const { payload, header } = jsonwebtoken.verify(token, s.verifyingKey, {
        issuer: ISSUER, audience: API, algorithms: [s.alg], complete: true,
      });
      return { payload, header };
    },
    badSignature: { message: "invalid signature" },
  },
};

for (const [name, peer] of Object.entries(peers)) {
  describe(name, () => {
    for (const alg of PEERS[name]) {
      const s = side(alg);
      for (const [dialect, { typ }] of Object.entries(DIALECTS)) {
        test(`accepts our ${alg}, ${dialect}`, async () => {
          const minted = await ours(s).mint(dialect);
          const { payload, header } = await peer.verify(s, minted.token, typ);
          assert.deepEqual(plain(payload), plain(minted.claims));
          assert.equal(payload.my_custom_claim, "my_custom_value");
          assert.deepEqual({ ...header }, { typ, alg, kid: s.kid });
          await assert.rejects(peer.verify(s, spoiled(minted.token), typ), peer.badSignature);
        });
      }
      for (const [profile, typ] of Object.entries(PROFILES)) {
        test(`mints ${alg} that we accept, ${profile}`, async () => {
          const claims = peerClaims(profile);
          const token = await peer.sign(s, { typ }, claims);
          const validator = ours(s).validator(profile);
          const held = await validator.validate(token);
          assert.equal(held.sub, USER);
          assert.equal(held.profile, profile);
          assert.deepEqual(plain(held.claims), claims);
          await assert.rejects(validator.validate(spoiled(token)), { code: "signature_invalid" });
        });
      }
    }
  });
}

describe("what the peers do by default", () => {
  test("jsonwebtoken writes typ JWT: refused under rfc9068", async () => {
    const s = side("RS256");
    const token = jsonwebtoken.sign(peerClaims("rfc9068"), s.signingKey, { algorithm: "RS256", keyid: s.kid });
    await assert.rejects(ours(s).validator("rfc9068").validate(token), { code: "type_mismatch" });
  });

  test("jose writes no typ: refused under both profiles", async () => {
    const s = side("ES256");
    for (const profile of Object.keys(PROFILES)) {
      const token = await peers.jose.sign(s, {}, peerClaims(profile));
      await assert.rejects(ours(s).validator(profile).validate(token), { code: "type_mismatch" });
    }
  });

  test("HS256 keyed with a public key is refused", async () => {
    const s = side("RS256");
    const pem = createPublicKey(createPrivateKey(s.signingKey.export({ type: "pkcs8", format: "pem" })))
      .export({ type: "spki", format: "pem" });
    const input = [{ typ: "at+jwt", alg: "HS256", kid: s.kid }, peerClaims("rfc9068")]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const token = `${input}.${createHmac("sha256", pem).update(input).digest("base64url")}`;
    await assert.rejects(ours(s).validator("rfc9068").validate(token), { code: "algorithm_not_allowed" });
  });
});
