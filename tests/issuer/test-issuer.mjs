// An authorization server for tests: starts at9068-test-issuer and tells it how to behave.
//
// Needs nothing but the program, whose path is the option `binary`, or else the environment variable
// AT9068_TEST_ISSUER, or else found by its name.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';

/** A question that the test issuer refused; `code` is the library's where the library refused. */
export class IssuerFault extends Error {
  constructor({ error, code, claim }) {
    super(error);
    this.name = 'IssuerFault';
    this.code = code;
    this.claim = claim;
  }
}

/** One issuer, with its own keys, behaviour and counters. */
export class Issuer {
  constructor(server, path) {
    this.server = server;
    this.path = path;
  }

  /** Asks at the control port; README.md has all questions. */
  ask(op, members = {}) {
    return this.server.ask(this.path, op, members);
  }

  /** `issuer`, the identifier, and the URLs `oauth`, `openid`, `jwks` and `introspection`. */
  urls() {
    return this.ask('issuer');
  }

  /** A good token. */
  async mint(members) {
    return (await this.ask('mint', members)).token;
  }

  /** A token with anything wrong. */
  async forge(members) {
    return (await this.ask('forge', members)).token;
  }

  /** Changes the keys, if anything is named, and tells which there are then. */
  async keys(changes) {
    return (await this.ask('keys', changes)).keys;
  }

  /** Tells what is said of a token, by default of a made-up one: `token`, `active`, `members`. */
  async token(told) {
    return (await this.ask('token', told)).token;
  }

  /** Says of a token from now on that it is not active. */
  async revoke(token) {
    await this.ask('revoke', { token });
  }

  /** Lets only this client ask about tokens; anybody may where nothing is given. */
  async admit(client) {
    await this.ask('client', client);
  }

  /** How it answers from now on: `oauth`, `openid`, `jwks`, `introspection`, `metadata` or `all`. */
  async behave(document, behaviour = {}) {
    await this.ask('behave', { document, ...behaviour });
  }

  /** Who asked for what. */
  requests() {
    return this.ask('requests');
  }

  /** Makes it as new. */
  async reset(members) {
    await this.ask('reset', members);
  }
}

/** The running program. */
export class IssuerServer {
  #process;
  #cases = 0;

  constructor(running, { issuer, control, elsewhere, plain, ca, tls_faults: tlsFaults }) {
    this.#process = running;
    Object.assign(this, { issuer, control, elsewhere, plain, ca, tlsFaults });
  }

  /** The issuer that is there from the start. */
  get first() {
    return new Issuer(this, `/${this.issuer.split('/').slice(3).join('/')}`);
  }

  /** The issuer of this name, made when it is first asked for. */
  case(name) {
    return new Issuer(this, `/cases/${name}`);
  }

  /** An issuer that nobody has asked for yet. */
  newCase() {
    this.#cases += 1;
    return this.case(`node-${process.pid}-${this.#cases}`);
  }

  /** Asks at the control port about the issuer of a path. */
  async ask(path, op, members = {}) {
    const asked = request(`${this.control}${path}`, { method: 'POST', agent: false });
    asked.end(JSON.stringify({ op, ...members }));
    const [response] = await once(asked, 'response');
    const answer = JSON.parse(Buffer.concat(await response.toArray()).toString());
    if (response.statusCode !== 200) throw new IssuerFault(answer);
    return answer;
  }

  /** Ends the program. */
  async close() {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.ref();
    this.#process.stdin.end();
    await ended;
  }
}

/** Runs the program until `close()`, or until this process ends. */
export async function startTestIssuer({ binary, port = 0, tls = false, path = '' } = {}) {
  const program = binary ?? process.env.AT9068_TEST_ISSUER ?? 'at9068-test-issuer';
  const options = ['--port', `${port}`, '--path', path, ...(tls ? ['--tls'] : [])];
  const running = spawn(program, options, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(running, 'exit').then(() => {
    throw new Error('the test issuer did not start');
  });
  ended.catch(() => {});
  const [line] = await Promise.race([once(createInterface(running.stdout), 'line'), ended]);
  // It ends with this process, and does not keep it.
  for (const handle of [running, running.stdin, running.stdout]) handle.unref();
  return new IssuerServer(running, JSON.parse(line));
}
