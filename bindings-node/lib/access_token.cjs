'use strict';

const native = require('./native.cjs');
const { call, failure } = require('./error.cjs');
const args = require('./arguments.cjs');
const { Signed, accessors, fact } = require('./signed.cjs');

// The texts within an instance and the native validator that found them good, or undefined for anything else.
let within;

class AccessToken extends Signed {
  #texts;
  #validator;
  #clock;
  #made;

  static {
    within = (value) => (#texts in value ? { texts: value.#texts, validator: value.#validator } : undefined);
  }

  constructor(proof, texts, validator, clock) {
    super(proof, 'an AccessToken', texts);
    this.#texts = texts;
    this.#validator = validator;
    this.#clock = clock;
  }

  get issuer() {
    return this.iss;
  }

  get scopes() {
    return this.#once('scopes', () => new Set(fact(this, 'scopes')));
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

  require(demands, options) {
    const { now } = args.options(options, ['now']);
    const text = args.jsonText(demands, 'argument_invalid', 'require');
    const time = args.time(now, this.#clock);
    call(() => this.#validator.require(this.#texts, text, time));
  }

  /** A claim whose form the core judges, or gives it, when it is first asked for. */
  #structured(name) {
    return this.#once(name, () => {
      const text = call(() => this.#validator.structured(this.#texts, name));
      return text === null ? undefined : JSON.parse(text);
    });
  }

  #once(name, make) {
    this.#made ??= new Map();
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name);
  }
}

accessors(AccessToken, ['iss', 'sub', 'aud', 'client_id', 'exp', 'iat', 'nbf', 'jti', 'scope', 'permissions']);
accessors(AccessToken, ['auth_time', 'acr', 'amr', 'org_id', 'org_name', 'profile', 'origin', 'wouldBreak']);

/** The token that an introspection endpoint tells of, and who found it good; nothing of one that was refused. */
function introspected(token) {
  if (token === null) return {};
  const found = Object(token) === token ? within(token) : undefined;
  if (found === undefined) throw failure('argument_invalid', 'token is neither an AccessToken nor null');
  return found;
}

function introspectionResponse(token) {
  const { texts, validator } = introspected(token);
  return call(() => (texts === undefined ? native.inactiveResponse() : validator.introspectionResponse(texts)));
}

module.exports = { AccessToken, introspected, introspectionResponse };
