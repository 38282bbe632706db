'use strict';

const native = require('./native.cjs');
const args = require('./arguments.cjs');
const { MAKE } = require('./keys.cjs');
const { FetchingValidator, atHand, judging, settled } = require('./fetching_validator.cjs');
const { Signed, Told, accessors } = require('./signed.cjs');
const { SigningMinter, minted, mintedSync } = require('./signing_minter.cjs');

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
  constructor(proof, text) {
    super(proof, 'a ClientAssertion', new Told(text));
  }
}

accessors(ClientAssertion, ['client_id', 'jti', 'aud', 'exp', 'iat', 'method']);

class ClientAssertionMinter extends SigningMinter {
  constructor(options, ports) {
    super(MAKE, native.newClientAssertionMinter, options, ports);
  }

  async mint(request, options) {
    return minted(this, 'mint', [args.optionalJsonText(request, 'request')], options);
  }

  mintSync(request, options) {
    return mintedSync(this, 'mintSync', [args.optionalJsonText(request, 'request')], options);
  }
}

module.exports = { ClientAssertion, ClientAssertionMinter, ClientAssertionValidator };
