// The issuer of the guides, and its tokens, good and bad: as as_example.py has them.

import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { URL } from 'node:url';

const tokens = JSON.parse(readFileSync(new URL('tokens.json', import.meta.url), 'utf8'));
const { control } = JSON.parse(process.env.AT9068_ANNOUNCEMENT);

function ask(op, members) {
  return new Promise((resolve, reject) => {
    const asked = request(`${control}/cases/${process.env.AT9068_CASE}`, { method: 'POST' }, async (answer) => {
      let text = '';
      for await (const part of answer) text += part;
      if (answer.statusCode === 200) resolve(JSON.parse(text).token);
      else reject(new Error(text));
    });
    asked.end(JSON.stringify({ op, ...members }));
  });
}

/** A good token. */
export const mint = (members) => ask('mint', members);

async function token(made) {
  const now = Math.floor(Date.now() / 1000) + (made.now ?? 0);
  const base = { subject: 'user-1', scope: 'read:patients', now, ...made.mint };
  const claims = { ...made.claims };
  for (const [name, off] of Object.entries(made.claims_now ?? {})) claims[name] = now + off;
  if (claims.x) claims.x = 'x'.repeat(Number(claims.x));
  if (made.twice) {
    const text = Buffer.from((await mint(base)).split('.')[1], 'base64url').toString();
    return ask('forge', { ...base, claims_text: `{"${made.twice}":"admin",${text.slice(1)}` });
  }
  return ask('forge', { ...base, header: made.header ?? {}, claims });
}

/** What each side says of each token: `accepted`, or `refused`, and of this library the code. */
export async function verdicts(before, after) {
  const found = [];
  for (const made of tokens) {
    const sent = await token(made);
    const refused = (error) => {
      // That of the frame itself is no verdict.
      if (error.code === 'ERR_ASSERTION') throw error;
      return error;
    };
    const old = await before(sent).then(() => 'accepted', (error) => refused(error) && 'refused');
    const now = await after(sent).then(() => 'accepted', (error) => `\`${refused(error).code}\``);
    found.push([made.token, old, now]);
  }
  return found;
}

/** Holds the table of a guide against what was found; with UPDATE=1 in the environment it writes the rows anew. */
export function compare(page, found) {
  const path = `${process.env.AT9068_ROOT}/${page}`;
  const text = readFileSync(path, 'utf8');
  const rows = found
    .map(([name, old, now]) => {
      const differs = (old === 'accepted') !== (now === 'accepted');
      return `| ${name} | ${differs ? `**${old}**` : old} | ${now} |\n`;
    })
    .join('');
  const [, head, told] = text.match(/^([^]*\n\| token \| .*\n\| --- \| --- \| --- \|\n)((?:\|.*\n)*)/) ?? [];
  if (head === undefined) throw new Error(`${page} has no table of tokens`);
  if (told === rows) return;
  if (!process.env.UPDATE) throw new Error(`the table of ${page} is not what is measured; UPDATE=1 writes it:\n${rows}`);
  writeFileSync(path, head + rows + text.slice(head.length + told.length));
}
