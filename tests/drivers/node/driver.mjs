// The Node face of the shared suite: one question a line, one answer a line.
//
// Drives the installed package and nothing else. `tests/README.md` describes the protocol.

import {
  At9068Error,
  ClientAssertionMinter,
  ClientAssertionValidator,
  IdTokenValidator,
  Minter,
  Revocations,
  Validator,
  errorCodes,
  introspectionResponse,
  thumbprint,
  verifyJws,
  version,
} from 'at9068';
import { elements, members } from './members.mjs';

const operations = new Map([
  ['info', info],
  ['authenticate', authenticate],
  ['validate', validate],
  ['mint', mint],
  ['thumbprint', askThumbprint],
  ['verify_jws', askVerifyJws],
  ['explain', explain],
  ['mint_client_assertion', mintClientAssertion],
  ['validate_client_assertion', validateClientAssertion],
  ['validate_id_token', validateIdToken],
  ['mint_id_token', mintIdToken],
  ['introspection_response', askIntrospectionResponse],
  ['mint_introspection_response', mintIntrospectionResponse],
  ['http_response', askHttpResponse],
  ['protected_resource_metadata', askProtectedResourceMetadata],
]);

function info() {
  const codes = errorCodes().map((row) => row.code);
  return written({ ok: true, name: 'node', version, ops: [...operations.keys()], codes });
}

/** The validator of a question, which refuses what is on its list of revocations. */
function validatorOf(question) {
  const config = question.get('config') ?? '';
  if (!question.has('revocations')) return Validator.fromJson(config);
  const revocations = new Revocations();
  const validator = Validator.fromJson(config, { revocations });
  for (const entry of elements(question.get('revocations'))) revocations.revoke(entry);
  return validator;
}

async function validate(question) {
  const validator = validatorOf(question);
  return validated(await validator.validate(token(question), optionsWithRequest(question)));
}

async function explain(question) {
  const validator = validatorOf(question);
  const explanation = await validator.explain(token(question), optionsWithRequest(question));
  const { error } = explanation;
  const verdict = error === null ? validated(explanation.token) : refused(error);
  return `"ok":true,"trace":${explanation.traceJson},"verdict":{${verdict}}`;
}

async function authenticate(question) {
  const validator = validatorOf(question);
  return validated(await validator.authenticate(question.get('request') ?? '{}', options(question)));
}

/** What a server sends back; an error that is no answer to anybody is this question's own. */
async function askHttpResponse(question) {
  try {
    await authenticate(question);
  } catch (error) {
    if (error.httpResponse === undefined) throw error;
    const { status, headers, body } = error.httpResponse;
    return written({ ok: true, http_response: { status, headers, body } });
  }
  return written({ ok: true, http_response: null });
}

function askProtectedResourceMetadata(question) {
  const { protectedResourceMetadata: document, protectedResourceMetadataPath: path } = validatorOf(question);
  return `"ok":true,"metadata":${oneLine(document ?? 'null')},"path":${JSON.stringify(path ?? null)}`;
}

async function mint(question) {
  const minter = Minter.fromJson(question.get('config') ?? '');
  const request = withIdentifier(question.get('request') ?? '', question.get('jti'));
  return made(await minter.mint(request, clock(question)));
}

async function mintIdToken(question) {
  const minter = Minter.fromJson(question.get('config') ?? '');
  return made(await minter.mintIdToken(question.get('request') ?? '', clock(question)));
}

async function mintClientAssertion(question) {
  const minter = ClientAssertionMinter.fromJson(question.get('config') ?? '');
  return made(await minter.mint(question.get('request'), clock(question)));
}

async function validateIdToken(question) {
  const validator = IdTokenValidator.fromJson(question.get('config') ?? '');
  return signed(await validator.validate(token(question), question.get('require'), clock(question)));
}

async function validateClientAssertion(question) {
  const validator = ClientAssertionValidator.fromJson(question.get('config') ?? '');
  const validated = (assertion) => validator.validate(assertion, question.get('require'), clock(question));
  // What becomes of those before it is not asked.
  for (const before of parsed(question, 'before') ?? []) await validated(before).catch(() => undefined);
  const assertion = await validated(token(question));
  return `${signed(assertion)},"method":${JSON.stringify(assertion.method)}`;
}

/** The token that an introspection endpoint tells of; null where it is refused. */
async function introspected(question, config) {
  const validator = Validator.fromJson(config ?? '');
  try {
    return await validator.validate(token(question), options(question));
  } catch (error) {
    const { family } = errorCodes().find(({ code }) => code === error.code) ?? {};
    if (['config', 'undecided', 'internal', undefined].includes(family)) throw error;
    return null;
  }
}

async function askIntrospectionResponse(question) {
  const response = introspectionResponse(await introspected(question, question.get('config')));
  return `"ok":true,"response":${oneLine(response)}`;
}

async function mintIntrospectionResponse(question) {
  const minter = Minter.fromJson(question.get('config') ?? '');
  const accepted = await introspected(question, question.get('validator'));
  return made(await minter.mintIntrospectionResponse(accepted, parsed(question, 'audience'), clock(question)));
}

function askThumbprint(question) {
  return written({ ok: true, thumbprint: thumbprint(question.get('jwk') ?? '') });
}

function askVerifyJws(question) {
  const algorithms = parsed(question, 'algorithms') ?? [];
  const payload = verifyJws(token(question), question.get('keys') ?? '', algorithms);
  return written({ ok: true, payload_b64: payload.toString('base64') });
}

function token(question) {
  if (question.has('token')) return parsed(question, 'token');
  return Buffer.from(parsed(question, 'token_b64') ?? '', 'base64');
}

function clock(question) {
  return { now: parsed(question, 'at') };
}

function options(question) {
  return { ...clock(question), require: question.get('require') };
}

function optionsWithRequest(question) {
  return { ...options(question), request: question.get('request') };
}

function parsed(question, name) {
  return question.has(name) ? JSON.parse(question.get(name)) : undefined;
}

/** The mint request with the identifier as its first member. */
function withIdentifier(request, jti) {
  if (jti === undefined || !request.startsWith('{')) return request;
  const rest = request.slice(1);
  return `{"jti":${jti}${rest.trimStart().startsWith('}') ? '' : ','}${rest}`;
}

function made({ token: compact, claimsJson }) {
  return `"ok":true,"token":${JSON.stringify(compact)},"claims":${oneLine(claimsJson)}`;
}

function signed({ claimsJson, headerJson }) {
  return `"ok":true,"claims":${oneLine(claimsJson)},"header":${oneLine(headerJson)}`;
}

function validated(accepted) {
  const { profile, origin, wouldBreak } = accepted;
  const by = origin === 'local' ? '' : `,"origin":${JSON.stringify(origin)}`;
  const breaks = wouldBreak.length > 0 ? `,"would_break":${JSON.stringify(wouldBreak)}` : '';
  return `${signed(accepted)},"profile":${JSON.stringify(profile ?? null)}${by}${breaks}`;
}

/** The members of an answer, without the braces around them. */
function written(members) {
  return JSON.stringify(members).slice(1, -1);
}

/** Line breaks between members, which JSON allows, would end the answer. */
function oneLine(json) {
  return json.replace(/[\r\n]/g, ' ');
}

function refused(error) {
  const { code, number, claim, kind, authenticated, oauth, status, challenge, headers } = error;
  const members = { code, number, claim, kind, authenticated, oauth, status, challenge, headers };
  return written({ ok: false, error: { ...members, retry_after: error.retryAfter } });
}

/** What anything but the package's own error becomes. */
function fault() {
  const row = errorCodes().find(({ code }) => code === 'internal');
  return { ...row, claim: null, kind: null, authenticated: false, challenge: [], headers: [], retryAfter: null };
}

/** The members of a line, or nothing where it is no question. */
function asked(line) {
  let whole;
  try {
    whole = JSON.parse(line);
  } catch {
    return undefined;
  }
  return Object(whole) === whole && Object.hasOwn(whole, 'id') ? members(line) : undefined;
}

async function answer(question) {
  if (question === undefined) return '"skip":"not a question"';
  const operation = operations.get(parsed(question, 'op'));
  if (operation === undefined) return '"skip":"unknown operation"';
  try {
    return await operation(question);
  } catch (error) {
    if (error instanceof At9068Error) return refused(error);
    console.error(error);
    return refused(fault());
  }
}

/** Lines end at \n only: what else readline takes for an end may stand within JSON text. */
async function* lines(stream) {
  let rest = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]).toString('utf8');
      rest = [];
      start = end + 1;
    }
    rest.push(chunk.subarray(start));
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield last.toString('utf8');
}

for await (const line of lines(process.stdin)) {
  const question = asked(line);
  const text = `{"id":${question?.get('id') ?? 'null'},${await answer(question)}}\n`;
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
