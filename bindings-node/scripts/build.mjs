// Builds the native half and puts it where lib/native.cjs looks first. Arguments go to cargo:
//
//     npm run build -- --locked --target x86_64-unknown-linux-gnu
//
// CARGO names another program in cargo's place, as for a build with another linker; its version of glibc may stand behind
// the target then, as in x86_64-unknown-linux-gnu.2.17.

import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import platforms from '../lib/platform.cjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2);
const cargo = spawnSync(
  process.env.CARGO ?? 'cargo',
  ['build', '--release', '--message-format', 'json-render-diagnostics', ...given],
  { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] },
);
if (cargo.error) throw cargo.error;
if (cargo.status !== 0) process.exit(cargo.status ?? 1);

const messages = cargo.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const made = messages.find(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'at9068_node');
const library = made.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
const place = fileURLToPath(new URL(`../at9068.${platform(given)}.node`, import.meta.url));
rmSync(place, { force: true }); // a process that has it loaded keeps the old file
copyFileSync(library, place);
console.log(place);

/** The platform that was built for: that of the target, or else this one. */
function platform(options) {
  const { target } = parseArgs({ args: options, options: { target: { type: 'string' } }, strict: false }).values;
  if (target === undefined) return platforms.platform;
  const triple = target.replace(/\.\d+\.\d+$/, '');
  if (triple in platforms.targets) return platforms.nameOf(platforms.targets[triple]);
  throw new Error(`there is no package for the target ${triple}`);
}
