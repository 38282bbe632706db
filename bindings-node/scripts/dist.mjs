// Packs what `npm run build` made into the target folder's dist/: one tarball, native half included.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL('../../target', import.meta.url));
const dist = join(target, 'dist');
mkdirSync(dist, { recursive: true });
execFileSync('npm', ['pack', '--pack-destination', dist, '--loglevel=error'], { stdio: 'inherit' });
