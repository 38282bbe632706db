'use strict';

const native = require('./native.cjs');
const { call, failure } = require('./error.cjs');
const args = require('./arguments.cjs');
const { Signed, accessors, fact, within } = require('./signed.cjs');

/** What the core reads in a token, in the order in which the native half tells it. */
const FACTS = [
  'iss', 'sub', 'aud', 'client_id', 'exp', 'iat', 'nbf', 'jti', 'scope', 'scopes', 'permissions', 'auth_time', 'acr',
  'amr', 'org_id', 'org_name', 'profile', 'origin',
];
const SCOPES = FACTS.indexOf('scopes');
/** Those that are lists, which callers may change: each token has its own. */
const LISTS = ['aud', 'permissions', 'amr'];

// Whether a value is an instance.
let isAccessToken;

class AccessToken extends Signed {
  #made;

  static {
    isAccessToken = (value) => #made in value;
    for (const name of LISTS) {
      const place = FACTS.indexOf(name);
      const get = function get() {
        const list = fact(this, place);
        return list && this.#once(name, () => [...list]);
      };
      Object.defineProperty(this.prototype, name, { get, configurable: true });
    }
  }

  constructor(proof, told) {
    super(proof, 'an AccessToken', told);
  }

  get issuer() {
    return this.iss;
  }

  get scopes() {
    return this.#once('scopes', () => new Set(fact(this, SCOPES)));
  }

  get roles() {
    return this.#structured('roles');
  }

  get groups() {
    return this.#structured('groups');
  }

  get entitlements() {
    return this.#structured('entitlements');
  }

  get authorization_details() {
    return this.#structured('authorization_details');
  }

  get cnf() {
    return this.#structured('cnf');
  }

  get act() {
    return this.#structured('act');
  }

  get gty() {
    return this.#structured('gty');
  }

  get wouldBreak() {
    return this.#once('wouldBreak', () => {
      const { text, parts: { rest } } = within(this);
      const codes = text.slice(rest, text.indexOf('\n', rest));
      return codes === '' ? [] : codes.split(' ');
    });
  }

  require(demands, options) {
    const { text, by } = within(this);
    const { now } = args.options(options, ['now']);
    const demanded = args.jsonText(demands, 'argument_invalid', 'require');
    const time = args.time(now, by.clock);
    call(() => by.native.require(text, demanded, time));
  }

  /** A claim whose form the core judges, or gives it, when it is first asked for. */
  #structured(name) {
    return this.#once(name, () => {
      const { text, by } = within(this);
      const json = call(() => by.native.structured(text, name));
      return json === null ? undefined : JSON.parse(json);
    });
  }

  #once(name, make) {
    this.#made ??= new Map();
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name);
  }
}

const plain = FACTS.filter((name) => name !== 'scopes' && !LISTS.includes(name));
accessors(AccessToken, plain, plain.map((name) => FACTS.indexOf(name)));

/** The token that an introspection endpoint tells of, and who found it good; nothing of one that was refused. */
function introspected(token) {
  if (token === null) return {};
  if (Object(token) !== token || !isAccessToken(token)) {
    throw failure('argument_invalid', 'token is neither an AccessToken nor null');
  }
  const { text, by } = within(token);
  return { text, validator: by.native };
}

function introspectionResponse(token) {
  const { text, validator } = introspected(token);
  return call(() => (text === undefined ? native.inactiveResponse() : validator.introspectionResponse(text)));
}

module.exports = { AccessToken, introspected, introspectionResponse };
