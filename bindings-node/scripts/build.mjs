// Builds the native half and puts it where lib/native.cjs looks first. Arguments go to cargo:
//
//     npm run build -- --locked --target x86_64-unknown-linux-gnu

import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import names from '../lib/platform.cjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cargo = spawnSync(
  process.env.CARGO ?? 'cargo',
  ['build', '--release', '--message-format', 'json-render-diagnostics', ...process.argv.slice(2)],
  { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] },
);
if (cargo.error) throw cargo.error;
if (cargo.status !== 0) process.exit(cargo.status ?? 1);

const messages = cargo.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
const made = messages.find(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'at9068_node');
const library = made.filenames.find((name) => /\.(so|dylib|dll)$/.test(name));
const place = fileURLToPath(new URL(`../at9068.${names.platform}.node`, import.meta.url));
rmSync(place, { force: true }); // a process that has it loaded keeps the old file
copyFileSync(library, place);
console.log(place);
