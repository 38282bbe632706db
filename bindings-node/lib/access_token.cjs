'use strict';

const native = require('./native.cjs');
const { call, failure } = require('./error.cjs');
const args = require('./arguments.cjs');
const { made } = require('./keys.cjs');

// The native handle within an instance, or undefined for anything else.
let accessTokenHandle;

class AccessToken {
  #native;
  #clock;
  #parsed;

  static {
    accessTokenHandle = (value) => (#native in value ? value.#native : undefined);
  }

  constructor(proof, handle, clock) {
    made(proof, 'an AccessToken');
    this.#native = handle;
    this.#clock = clock;
  }

  get iss() {
    return call(() => this.#native.iss());
  }

  get issuer() {
    return this.iss;
  }

  get sub() {
    return call(() => this.#native.sub());
  }

  get aud() {
    return this.#once('aud', () => this.#parse('aud') ?? []);
  }

  get client_id() {
    return call(() => this.#native.clientId());
  }

  get exp() {
    return call(() => this.#native.exp());
  }

  get iat() {
    return call(() => this.#native.iat());
  }

  get nbf() {
    return call(() => this.#native.nbf()) ?? undefined;
  }

  get jti() {
    return call(() => this.#native.jti()) ?? undefined;
  }

  get scope() {
    return call(() => this.#native.scope()) ?? undefined;
  }

  get scopes() {
    return this.#once('scopes', () => new Set(this.#parse('scopes')));
  }

  get permissions() {
    return this.#structured('permissions');
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

  get auth_time() {
    return call(() => this.#native.authTime()) ?? undefined;
  }

  get acr() {
    return call(() => this.#native.acr()) ?? undefined;
  }

  get amr() {
    return this.#structured('amr');
  }

  get org_id() {
    return call(() => this.#native.orgId()) ?? undefined;
  }

  get org_name() {
    return call(() => this.#native.orgName()) ?? undefined;
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

  get profile() {
    return call(() => this.#native.profile()) ?? undefined;
  }

  get origin() {
    return call(() => this.#native.origin());
  }

  get wouldBreak() {
    return this.#once('wouldBreak', () => call(() => this.#native.wouldBreak()));
  }

  get claims() {
    return this.#once('claims', () => JSON.parse(this.claimsJson));
  }

  get claimsJson() {
    return call(() => this.#native.claimsJson());
  }

  get header() {
    return this.#once('header', () => JSON.parse(this.headerJson));
  }

  get headerJson() {
    return call(() => this.#native.headerJson());
  }

  require(demands, options) {
    const { now } = args.options(options, ['now']);
    const text = args.jsonText(demands, 'argument_invalid', 'require');
    const time = args.time(now, this.#clock);
    call(() => this.#native.require(text, time));
  }

  #structured(name) {
    return this.#once(name, () => this.#parse(name));
  }

  #parse(name) {
    const text = call(() => this.#native.structured(name));
    return text === null ? undefined : JSON.parse(text);
  }

  /** Claims become JavaScript values when they are first asked for. */
  #once(name, make) {
    this.#parsed ??= new Map();
    if (!this.#parsed.has(name)) this.#parsed.set(name, make());
    return this.#parsed.get(name);
  }
}

/** The native token that an introspection endpoint tells of; none where it was refused. */
function introspected(token) {
  if (token === null) return undefined;
  const handle = Object(token) === token ? accessTokenHandle(token) : undefined;
  if (handle === undefined) throw failure('argument_invalid', 'token is neither an AccessToken nor null');
  return handle;
}

function introspectionResponse(token) {
  const handle = introspected(token);
  return call(() => native.introspectionResponse(handle));
}

module.exports = { AccessToken, introspected, introspectionResponse };
