// An issuer on loopback, in the loop of the tests: where a call blocked the loop, it could never answer.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { KeySet, Minter, SigningKey, Validator } from 'at9068';
import { API } from './common.mjs';

// Long times, because the machine may be slow.
export const loopback = { danger_http_loopback: true, timeout_seconds: 20, connect_timeout_seconds: 20 };

export function newKey() {
  return SigningKey.generateSync('EdDSA');
}

export class Issuer {
  #server;
  /** How many requests each path had. */
  requests = {};
  keys;
  /** Asked for before an answer is given: a fault that answers by itself gives true. */
  fault = async () => false;

  static async start(...keys) {
    const issuer = new Issuer();
    issuer.keys = keys;
    issuer.#server = createServer((request, response) => issuer.#serve(request, response));
    issuer.#server.listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    issuer.url = `http://127.0.0.1:${issuer.#server.address().port}/`;
    return issuer;
  }

  get jwksUri() {
    return `${this.url}jwks`;
  }

  get options() {
    return { issuer: this.url, audience: API, issuer_cache: loopback };
  }

  validator(more = {}, ports = undefined) {
    return new Validator({ ...this.options, ...more }, ports);
  }

  mint(key = this.keys[0], more = {}) {
    const apis = [{ audience: API, dialect: 'rfc9068_profile', scopes: ['read'], lifetime_seconds: 86_400 }];
    const minter = new Minter({ issuer: this.url, keys: key, apis, ...more });
    const request = { grant_type: 'authorization_code', client_id: 'app', subject: 'user', scope: 'read' };
    return minter.mintSync(request).token;
  }

  /** What a path has, as any server of the issuer would answer. */
  document(path) {
    if (path === '/jwks') return KeySet.fromSigningKeys(this.keys).toJson();
    if (path.startsWith('/.well-known/')) return JSON.stringify({ issuer: this.url, jwks_uri: this.jwksUri });
    return undefined;
  }

  fetched(path = '/jwks') {
    return this.requests[path] ?? 0;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request, response) {
    this.requests[request.url] = this.fetched(request.url) + 1;
    if (await this.fault(request, response)) return;
    const body = this.document(request.url);
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(body);
  }
}

/** Runs a test with an issuer that ends with it. */
export function withIssuer(body) {
  return async (context) => {
    const issuer = await Issuer.start(newKey());
    try {
      await body(issuer, context);
    } finally {
      await issuer.close();
    }
  };
}

/** Waits until something holds. */
export async function until(condition) {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 3000) throw new Error('it never came about');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
