'use strict';

const native = require('./native.cjs');
const { call, callAsync } = require('./error.cjs');
const args = require('./arguments.cjs');
const { introspected } = require('./access_token.cjs');
const { MAKE, configuration } = require('./keys.cjs');
const { Signed } = require('./signed.cjs');

class Minter {
  #native;
  #clock;

  constructor(options, ports) {
    this.#clock = args.clockOf(ports);
    const { text, keySets, signingKeys } = configuration(options);
    this.#native = call(() => native.newMinter(text, keySets, signingKeys));
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

  async mintIdToken(request, options) {
    const given = this.#arguments(request, options);
    return new MintedToken(MAKE, await callAsync(() => this.#native.mintIdToken(...given)));
  }

  mintIdTokenSync(request, options) {
    const given = this.#arguments(request, options);
    return new MintedToken(MAKE, call(() => this.#native.mintIdTokenSync(...given)));
  }

  async mintIntrospectionResponse(token, audience, options) {
    const given = this.#answerArguments(token, audience, options);
    return new MintedToken(MAKE, await callAsync(() => this.#native.mintIntrospectionResponse(...given)));
  }

  mintIntrospectionResponseSync(token, audience, options) {
    const given = this.#answerArguments(token, audience, options);
    return new MintedToken(MAKE, call(() => this.#native.mintIntrospectionResponseSync(...given)));
  }

  get skippedKeys() {
    return call(() => this.#native.skippedKeys());
  }

  #arguments(request, options) {
    const { now } = args.options(options, ['now']);
    return [args.jsonText(request, 'argument_invalid', 'request'), args.time(now, this.#clock)];
  }

  #answerArguments(token, audience, options) {
    const { now } = args.options(options, ['now']);
    const name = args.text(audience, 'argument_invalid', 'audience');
    const { texts, validator } = introspected(token);
    return [texts, validator, name, args.time(now, this.#clock)];
  }
}

class MintedToken extends Signed {
  #minted;

  constructor(proof, minted) {
    super(proof, 'a MintedToken', minted);
    this.#minted = minted;
  }

  get token() {
    return this.#minted.token;
  }

  get expires_in() {
    return this.#minted.expiresIn;
  }
}

module.exports = { MintedToken, Minter };
