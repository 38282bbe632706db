'use strict';

const native = require('./native.cjs');
const { MAKE } = require('./keys.cjs');
const { FetchingValidator, atHand, judging, settled } = require('./fetching_validator.cjs');
const { Signed, Told, accessors } = require('./signed.cjs');

class IdTokenValidator extends FetchingValidator {
  constructor(options, ports) {
    super(MAKE, native.newIdTokenValidator, options, ports, []);
  }

  async validate(token, checks, options) {
    return new IdToken(MAKE, await settled(this, judging(this, token, checks, 'checks', options)));
  }

  validateSync(token, checks, options) {
    return new IdToken(MAKE, atHand(this, judging(this, token, checks, 'checks', options)));
  }
}

class IdToken extends Signed {
  constructor(proof, text) {
    super(proof, 'an IdToken', new Told(text));
  }
}

accessors(IdToken, ['iss', 'sub', 'aud', 'azp', 'exp', 'iat', 'nbf', 'auth_time', 'nonce', 'acr', 'amr', 'sid']);
accessors(IdToken, ['at_hash', 'c_hash', 's_hash']);

module.exports = { IdToken, IdTokenValidator };
