// A Node library in the driver protocol: `driver.mjs NAME`. It answers `info` and `validate`.
//
// An accepted token is `ok` true. A refusal has the code `refused`, whatever the library calls it.

import { LIBRARIES, version } from './libraries.mjs';
import { Skip, read } from './policy.mjs';

const [name] = process.argv.slice(2);
const library = LIBRARIES[name];

/** The algorithm that a token states, as far as it can be read. */
function stated(token) {
  try {
    return JSON.parse(Buffer.from(token.toString().split('.')[0], 'base64url')).alg;
  } catch {
    return undefined;
  }
}

async function validate(question) {
  const policy = read(question.config);
  const token = question.token ?? Buffer.from(question.token_b64, 'base64');
  if (Object.keys(question.require ?? {}).length > 0) throw new Skip('judges no such demand');
  const alg = stated(token);
  // An allowed algorithm that the library lacks is no verdict.
  if (policy.algorithms.includes(alg) && !library.known.includes(alg)) throw new Skip(`does not know ${alg}`);
  policy.algorithms = policy.algorithms.filter((allowed) => library.known.includes(allowed));
  if (policy.algorithms.length === 0) throw new Skip('knows none of the algorithms listed');
  // For what takes no clock, or takes a clock at 0 for none.
  Date.now = () => question.at * 1000;
  try {
    await library.judge(policy, token, question.at, question.request);
    return { ok: true };
  } catch (refusal) {
    if (refusal instanceof Skip) throw refusal;
    if (process.env.PEERS_VERBOSE) console.error(question.id, refusal.name, refusal.message);
    return { ok: false, error: { code: 'refused' } };
  }
}

async function answer(question) {
  if (question.op === 'info') {
    const [node] = process.versions.node.split('.');
    const runtime = `Node ${node}`;
    return { ok: true, name, version: version(library), runtime, ops: ['info', 'validate'], codes: ['refused'] };
  }
  if (question.op !== 'validate') return { skip: 'unknown operation' };
  try {
    return await validate(question);
  } catch (why) {
    if (why instanceof Skip) return { skip: why.message };
    throw why;
  }
}

/** Lines end at \n only: what else readline takes for an end may stand within JSON text. */
async function* lines(stream) {
  let rest = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
  if (rest !== '') yield rest;
}

for await (const line of lines(process.stdin)) {
  let question = null;
  let said;
  try {
    question = JSON.parse(line);
    said = await answer(question);
  } catch (fault) {
    said = { skip: `not a question that this driver can read: ${fault.name}` };
  }
  process.stdout.write(`${JSON.stringify({ id: question?.id ?? null, ...said })}\n`);
}
