'use strict';

const native = require('./native.cjs');
const args = require('./arguments.cjs');
const { introspected } = require('./access_token.cjs');
const { MAKE } = require('./keys.cjs');
const { SigningMinter, minted, mintedMany, mintedManySync, mintedSync } = require('./signing_minter.cjs');

class Minter extends SigningMinter {
  constructor(options, ports) {
    super(MAKE, native.newMinter, options, ports);
  }

  async mint(request, options) {
    return minted(this, 'mint', requested(request), options);
  }

  mintSync(request, options) {
    return mintedSync(this, 'mintSync', requested(request), options);
  }

  async mintMany(requests, options) {
    return mintedMany(this, args.many(requests, 'requests', requestText), options);
  }

  mintManySync(requests, options) {
    return mintedManySync(this, args.many(requests, 'requests', requestText), options);
  }

  async mintIdToken(request, options) {
    return minted(this, 'mintIdToken', requested(request), options);
  }

  mintIdTokenSync(request, options) {
    return mintedSync(this, 'mintIdTokenSync', requested(request), options);
  }

  async mintIntrospectionResponse(token, audience, options) {
    return minted(this, 'mintIntrospectionResponse', answering(token, audience), options);
  }

  mintIntrospectionResponseSync(token, audience, options) {
    return mintedSync(this, 'mintIntrospectionResponseSync', answering(token, audience), options);
  }
}

function requested(request) {
  return [requestText(request, 'request')];
}

function requestText(request, what) {
  return args.jsonText(request, 'argument_invalid', what);
}

function answering(token, audience) {
  const { text, validator } = introspected(token);
  return [text, validator, args.text(audience, 'argument_invalid', 'audience')];
}

module.exports = { Minter };
