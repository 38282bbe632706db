// express-oauth2-jwt-bearer and this library behind Express, on the same tokens.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { compare, mint, verdicts } from './as_example.mjs';
import { app as after } from './after.mjs';
import { app as before } from './before.mjs';

// <<< file before >>>
// <<< file after >>>

const servers = [];

/** Asks one of the two for its patients. */
async function asking(app) {
  // Node itself refuses long headers unless it is told not to.
  const server = createServer({ maxHeaderSize: 65_536 }, app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (token) =>
    fetch(`http://127.0.0.1:${server.address().port}/patients`, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

/** A refusal is thrown, with the code that the body has. */
const judging = (ask) => async (token) => {
  const answer = await ask(token);
  if (answer.status === 200) return answer.json();
  const text = await answer.text();
  assert.ok([400, 401, 403].includes(answer.status), `${answer.status} ${text}`);
  throw Object.assign(new Error('refused'), { code: text.startsWith('{') ? JSON.parse(text).code : undefined });
};

// Express tells of errors in the log unless it is told not to.
for (const app of [before, after]) app.set('env', 'test');
const [old, now] = [await asking(before), await asking(after)];
compare('docs/from-express-oauth2-jwt-bearer.md', await verdicts(judging(old), judging(now)));

const good = await mint({ subject: 'user-1', scope: 'read:patients' });
assert.deepEqual(await (await old(good)).json(), await (await now(good)).json());
const other = await mint({ subject: 'user-1', scope: 'read:doctors' });
for (const [token, status] of [[other, 403], [undefined, 401]]) {
  const answers = [await old(token), await now(token)];
  assert.deepEqual(answers.map((answer) => answer.status), [status, status]);
  for (const answer of answers) assert.match(answer.headers.get('www-authenticate'), /^Bearer /);
}
for (const server of servers) server.close();
