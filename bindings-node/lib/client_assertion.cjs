'use strict';

const native = require('./native.cjs');
const { call, callAsync } = require('./error.cjs');
const args = require('./arguments.cjs');
const { MAKE, configuration } = require('./keys.cjs');
const { FetchingValidator, atHand, judging, settled } = require('./fetching_validator.cjs');
const { MintedToken } = require('./minter.cjs');
const { Signed, accessors } = require('./signed.cjs');

class ClientAssertionValidator extends FetchingValidator {
  constructor(options, ports) {
    super(MAKE, native.newClientAssertionValidator, options, ports, ['replayStore']);
  }

  async validate(token, require, options) {
    return new ClientAssertion(MAKE, await settled(this, judging(this, token, require, 'require', options)));
  }

  validateSync(token, require, options) {
    return new ClientAssertion(MAKE, atHand(this, judging(this, token, require, 'require', options)));
  }

  get skippedKeys() {
    return super.skippedKeys.map(({ issuer, ...key }) => ({ client_id: issuer, ...key }));
  }
}

class ClientAssertion extends Signed {
  constructor(proof, texts) {
    super(proof, 'a ClientAssertion', texts);
  }
}

accessors(ClientAssertion, ['client_id', 'jti', 'aud', 'exp', 'iat', 'method']);

class ClientAssertionMinter {
  #native;
  #clock;

  constructor(options, ports) {
    this.#clock = args.clockOf(ports);
    const { text, keySets, signingKeys } = configuration(options);
    this.#native = call(() => native.newClientAssertionMinter(text, keySets, signingKeys));
  }

  static fromJson(text, ports) {
    return new this(new args.JsonText(text), ports);
  }

  async mint(request, options) {
    const given = this.#arguments(request, options);
    return new MintedToken(MAKE, await callAsync(() => this.#native.mint(...given)));
  }

  mintSync(request, options) {
    const given = this.#arguments(request, options);
    return new MintedToken(MAKE, call(() => this.#native.mintSync(...given)));
  }

  get skippedKeys() {
    return call(() => this.#native.skippedKeys());
  }

  #arguments(request, options) {
    const { now } = args.options(options, ['now']);
    return [args.optionalJsonText(request, 'request'), args.time(now, this.#clock)];
  }
}

module.exports = { ClientAssertion, ClientAssertionMinter, ClientAssertionValidator };
