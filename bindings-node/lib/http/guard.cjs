'use strict';

// What the adapters of all frameworks share. They carry requests to the core and answers back: what a credential is,
// which one counts and how it is refused is known to the core only.

const { failure } = require('../error.cjs');
const args = require('../arguments.cjs');
const { certificateSha256 } = require('../keys.cjs');
const { Validator } = require('../validator.cjs');
const { forFramework } = require('./error.cjs');

/** What no validator takes for a token, so that of a judgement only the demands count. */
const NO_TOKEN = '';

/** One validator and how requests are brought before it. */
class Guard {
  #certificate;
  #warned = false;

  constructor(validator, options) {
    const { clientCertificate } = args.options(options, ['clientCertificate']);
    this.#certificate = args.optional(clientCertificate, 'function', 'clientCertificate');
    this.validator = validator instanceof Validator ? validator : new Validator(validator);
  }

  /** What a route demands, written once. A mistake in it is told when the route is made, not when it is asked for. */
  demands(route) {
    const { require } = args.options(route, ['require'], 'the options of a route');
    if (require === undefined) return undefined;
    const demands = { require: args.jsonText(require, 'argument_invalid', 'require') };
    try {
      this.validator.validateSync(NO_TOKEN, demands);
    } catch (error) {
      if (error.code === 'argument_invalid' || error.code === 'internal') throw error;
    }
    return demands;
  }

  /**
   * The token of a request.
   *
   * `headers` are pairs of names and values; `url` is the URL as the client sent it; `socket` is that of the
   * connection, where there is one; `request` is what the framework calls one.
   */
  async authenticate({ headers, method, url, socket, request }, demands) {
    try {
      const certificate = this.#certificate === undefined ? certificateOf(socket) : this.#certificate(request);
      const presented = { headers, method, url };
      if (isThere(certificate)) presented.client_certificate_sha256 = this.#thumbprint(certificate);
      return await this.validator.authenticate(JSON.stringify(presented), demands);
    } catch (error) {
      throw forFramework(error);
    }
  }

  /** That of the client's certificate. One that cannot be read counts as none: what is bound to one is refused then. */
  #thumbprint(certificate) {
    const given = args.certificate(certificate);
    try {
      return certificateSha256(given);
    } catch (error) {
      if (error.code !== 'argument_invalid') throw error;
      if (!this.#warned) process.emitWarning('a client certificate is unreadable, and counts as none', 'At9068Warning');
      this.#warned = true;
      return undefined;
    }
  }

  /** Where the metadata of the protected resource is served, and what is served there (RFC 9728 §3). */
  get metadata() {
    const { protectedResourceMetadataPath: path, protectedResourceMetadata: body } = this.validator;
    if (path === undefined) throw failure('config_invalid', 'there is no protected_resource whose metadata could be served');
    return { path, response: { status: 200, headers: [['Content-Type', 'application/json']], body } };
  }
}

/** The header fields of a request of Node's as they came in: `headers` keeps only one of several. */
function pairs(rawHeaders) {
  const all = [];
  for (let i = 0; i < rawHeaders.length; i += 2) all.push([rawHeaders[i], rawHeaders[i + 1]]);
  return all;
}

/** A request of Node's, as `authenticate` takes it; `request` is the framework's own. */
function fromNode(message, url, request) {
  return { headers: pairs(message.rawHeaders), method: message.method, url, socket: message.socket, request };
}

/** The certificate that the client presented in the handshake of TLS, in DER. */
function certificateOf(socket) {
  return socket?.getPeerX509Certificate?.()?.raw;
}

/** Whether there is a certificate: what stands in front of a server may have an empty text where there is none. */
function isThere(certificate) {
  return certificate !== undefined && certificate !== null && certificate.length !== 0;
}

/** Whether a request asks for the document at a path. A proxy may name it by the whole URL (RFC 9112 §3.2.2). */
function asks({ method, url }, path) {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return (URL.canParse(url) ? new URL(url).pathname : url.split('?', 1)[0]) === path;
}

module.exports = { Guard, asks, fromNode, pairs };
