// What is measured: in every case the libraries that take part in it, ours among them.
//
// A subject is made when it is first asked for. It has `items`, which it is given in turn; `loop`, which is what is
// timed; and `verdict`. `fresh` says that each call has to be given strings that nothing has seen.

import { constants, createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

import { PEERS } from './peers.mjs';

// The package as `make build` installs it, unless another is named.
const OWN = new URL('../../target/node-driver/node_modules/at9068/lib.mjs', import.meta.url);
const given = process.env.AT9068_MODULE;
const at9068 = await import(given === undefined ? OWN : pathToFileURL(given));

export const OURS = 'at9068';
export const ourVersion = at9068.version;

/** Every subject is given so many different tokens in turn. */
const ROTATION = 64;

/** The cases of an algorithm, each with what makes its subjects. */
export function cases(algorithm) {
  const found = {
    'validate/raw': { 'node:crypto': () => rawVerify(algorithm) },
    'validate/sync': { [OURS]: () => ourSync(algorithm) },
    'validate/promise': { [OURS]: () => oursAsync(algorithm) },
    'validate/hit': { [OURS]: () => ourHit(algorithm, {}) },
    'validate/hit-fresh': { [OURS]: () => ourHit(algorithm, { fresh: true }) },
    'mint/raw': { 'node:crypto': () => rawSign(algorithm) },
    'mint/one': { [OURS]: () => ourMint(algorithm) },
    'mint/promise': { [OURS]: () => ourMintAsync(algorithm) },
  };
  if ('validateMany' in at9068.Validator.prototype) {
    found['batch/many'] = { [OURS]: () => ourBatch(algorithm) };
    found['batch/loop'] = { [OURS]: () => ourLoop(algorithm) };
  }
  if ('mintMany' in at9068.Minter.prototype) found['mint/batch'] = { [OURS]: () => ourMintBatch(algorithm) };
  for (const [name, peer] of Object.entries(PEERS)) {
    if (!peer.algorithms.includes(algorithm.name)) continue;
    const takePart = (kase, make) => (found[kase][name] = make);
    if (peer.verify) takePart('validate/sync', () => peerSync(algorithm, peer.verify(algorithm)));
    if (peer.verifyAsync) takePart('validate/promise', () => peerAsync(algorithm, peer));
    if (peer.verifyCached) {
      takePart('validate/hit', () => hit(algorithm, peer.verifyCached(algorithm), {}));
      takePart('validate/hit-fresh', () => hit(algorithm, peer.verifyCached(algorithm), { fresh: true }));
    }
    if (peer.sign) takePart('mint/one', () => peerMint(algorithm, peer.sign(algorithm)));
    if (peer.signAsync) takePart('mint/promise', () => peerMintAsync(algorithm, peer));
  }
  return Object.fromEntries(Object.entries(found).map(([kase, makes]) => [`${algorithm.name}/${kase}`, makes]));
}

function inTurn({ tokens }) {
  return tokens.slice(0, ROTATION);
}

// Verdicts

/** Whether the good token is accepted and read as it should be, and which of the bad ones are refused. */
async function verdict(algorithm, verifyToken) {
  const refused = async (token) => {
    try {
      await verifyToken(token);
      return false;
    } catch {
      return true;
    }
  };
  const bad = {};
  for (const [name, token] of Object.entries(algorithm.bad)) bad[name] = await refused(token);
  return { good: algorithm.isExpected(await verifyToken(algorithm.token)), bad };
}

/** Whether a minted token is one with a good signature, and the claims that it should have. */
async function minted(algorithm, token) {
  const check = rawCheck(algorithm);
  const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const claimed = Object.entries(algorithm.claims).every(([name, value]) => isDeepStrictEqual(claims[name], value));
  const good = check(pair(algorithm, token)) && header.kid === algorithm.header.kid && claimed;
  return { good: good && claims.exp > claims.iat && claims.jti.length > 0, bad: {} };
}

// Ours

const COLD = { token_cache: { max_entries: 0 } };

function ourValidator({ name, issuer, audience, jwks }, options) {
  return new at9068.Validator({ issuer, audience, jwks, algorithms: [name], ...options });
}

function ourSync(algorithm) {
  const validator = ourValidator(algorithm, COLD);
  return peerSync(algorithm, (token) => validator.validateSync(token).claims);
}

function oursAsync(algorithm) {
  const validator = ourValidator(algorithm, COLD);
  const verifyToken = async (token) => (await validator.validate(token)).claims;
  const loop = async (tokens) => {
    for (const token of tokens) (await validator.validate(token)).claims;
  };
  return { items: inTurn(algorithm), loop, verdict: () => verdict(algorithm, verifyToken) };
}

function ourHit(algorithm, how) {
  const validator = ourValidator(algorithm, {});
  return hit(algorithm, (token) => validator.validateSync(token), how);
}

/** A call for all tokens; a verdict stands between two good ones. */
function ourBatch(algorithm) {
  const validator = ourValidator(algorithm, COLD);
  const verifyToken = async (token) => {
    const [before, found, after] = await validator.validateMany([algorithm.token, token, algorithm.token]);
    if (!(before instanceof at9068.AccessToken && after instanceof at9068.AccessToken)) {
      return { broken: 'a good token beside it was refused' };
    }
    if (found instanceof at9068.At9068Error) throw found;
    return found;
  };
  const loop = (tokens) => validator.validateMany(tokens);
  return { items: algorithm.tokens, loop, verdict: () => verdict(algorithm, verifyToken) };
}

function ourLoop(algorithm) {
  const validator = ourValidator(algorithm, COLD);
  const verifyToken = (token) => validator.validateSync(token);
  const loop = (tokens) => tokens.map(verifyToken);
  return { items: algorithm.tokens, loop, verdict: () => verdict(algorithm, verifyToken) };
}

function ourMinter({ minter }) {
  return new at9068.Minter(minter);
}

function ourMint(algorithm) {
  const minter = ourMinter(algorithm);
  return peerMint(algorithm, () => minter.mintSync(algorithm.mintRequest).token);
}

async function ourMintAsync(algorithm) {
  const minter = ourMinter(algorithm);
  return mintAsync(algorithm, async () => (await minter.mint(algorithm.mintRequest)).token);
}

function ourMintBatch(algorithm) {
  const minter = ourMinter(algorithm);
  const loop = async (requests) => {
    for (const made of await minter.mintMany(requests)) made.token;
  };
  const one = async () => minted(algorithm, (await minter.mintMany([algorithm.mintRequest]))[0].token);
  return { items: [algorithm.mintRequest], loop, verdict: one };
}

// Peers, and what they and ours have in common

function peerSync(algorithm, verifyToken) {
  const loop = (tokens) => {
    for (const token of tokens) verifyToken(token);
  };
  return { items: inTurn(algorithm), loop, verdict: () => verdict(algorithm, verifyToken) };
}

async function peerAsync(algorithm, peer) {
  const verifyToken = await peer.verifyAsync(algorithm);
  const form = peer.given ?? ((token) => token);
  const loop = async (items) => {
    for (const item of items) await verifyToken(item);
  };
  const one = async (token) => verifyToken(form(token));
  return { items: inTurn(algorithm).map(form), loop, verdict: () => verdict(algorithm, one) };
}

/** Tokens that were seen before: what they say of `sub` is read. */
function hit(algorithm, verifyToken, { fresh = false }) {
  const items = inTurn(algorithm);
  for (const token of items) verifyToken(token);
  const loop = (tokens) => {
    for (const token of tokens) verifyToken(token).sub;
  };
  return { items, loop, fresh, verdict: () => verdict(algorithm, verifyToken) };
}

function peerMint(algorithm, mint) {
  const loop = (calls) => {
    for (const _ of calls) mint();
  };
  return { items: [null], loop, verdict: () => minted(algorithm, mint()) };
}

async function peerMintAsync(algorithm, peer) {
  return mintAsync(algorithm, await peer.signAsync(algorithm));
}

function mintAsync(algorithm, mint) {
  const loop = async (calls) => {
    for (const _ of calls) await mint();
  };
  return { items: [null], loop, verdict: async () => minted(algorithm, await mint()) };
}

// The bare operation of node:crypto, with keys parsed and signatures in the form that it verifies

function rawVerify(algorithm) {
  const check = rawCheck(algorithm);
  const loop = (pairs) => {
    for (const each of pairs) check(each);
  };
  const bad = () => ({ signature: !check(pair(algorithm, algorithm.bad.signature)) });
  const verdictOf = async () => ({ good: check(pair(algorithm, algorithm.token)), bad: bad() });
  return { items: inTurn(algorithm).map((token) => pair(algorithm, token)), loop, verdict: verdictOf };
}

function pair({ name }, token) {
  const dot = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  return { signed: Buffer.from(token.slice(0, dot)), signature: name === 'ES256' ? der(signature) : signature };
}

/** A signature of ECDSA as DER, of which it would be made with each call otherwise. */
function der(signature) {
  const integer = (octets) => {
    const first = octets.findIndex((octet) => octet !== 0);
    const short = octets.subarray(first);
    const positive = short[0] < 0x80 ? short : Buffer.concat([Buffer.from([0]), short]);
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  };
  const both = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

/** The name of the digest, and the key with what else it is told. */
function rawParameters(name, key) {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return [name === 'EdDSA' ? undefined : 'sha256', name === 'PS256' ? { key, ...pss } : key];
}

function rawCheck(algorithm) {
  if (algorithm.pem === undefined) {
    const { secret } = algorithm;
    const mac = (signed) => createHmac('sha256', secret).update(signed).digest();
    return ({ signed, signature }) => timingSafeEqual(mac(signed), signature);
  }
  const [digest, key] = rawParameters(algorithm.name, createPublicKey(algorithm.pem));
  return ({ signed, signature }) => verify(digest, signed, key, signature);
}

function rawSign(algorithm) {
  const items = inTurn(algorithm).map((token) => Buffer.from(token.slice(0, token.lastIndexOf('.'))));
  const check = rawCheck(algorithm);
  const make = rawSigner(algorithm);
  const loop = (texts) => {
    for (const signed of texts) make(signed);
  };
  const good = () => check({ signed: items[0], signature: make(items[0]) });
  return { items, loop, verdict: async () => ({ good: good(), bad: {} }) };
}

function rawSigner(algorithm) {
  if (algorithm.privatePem === undefined) {
    const { secret } = algorithm;
    return (signed) => createHmac('sha256', secret).update(signed).digest();
  }
  const [digest, key] = rawParameters(algorithm.name, createPrivateKey(algorithm.privatePem));
  return (signed) => sign(digest, signed, key);
}
