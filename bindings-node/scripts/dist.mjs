// Packs the packages of npm, into the target folder:
//
//     dist/npm/at9068-VERSION.tgz                    at9068: everything but the native half
//     dist/npm/at9068-PLATFORM-VERSION.tgz           @at9068/PLATFORM: the native half for one platform, as
//                                                    at9068-linux-x64-gnu-0.1.0.tgz
//     npm/at9068/, npm/PLATFORM/                     what each package is packed from; package.json, README.md and
//                                                    licences are laid out for every platform of lib/platform.cjs
//
// A platform is packed where its library is there: at9068.PLATFORM.node of this folder, put there by `npm run build`, or
// by a release, from the machine that built it. THIRD-PARTY-LICENSES and at9068.cdx.json of this folder, where they are
// there, go with the native half, since they tell what was compiled into it. dist/npm/ holds the packages of one run only.
//
// To be run by `npm run dist`, which says where npm is.
//
// The layout is that of @napi-rs/cli: at9068 has the package of every platform as an optional dependency of the same
// version, and npm installs that which fits `os`, `cpu` and `libc`.

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import platforms from '../lib/platform.cjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(root, '..', 'target');
const stage = join(target, 'npm');
const dist = join(target, 'dist', 'npm');
const OWN_LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE'];
const OF_NATIVE = ['THIRD-PARTY-LICENSES', 'at9068.cdx.json'];

const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { version } = source;
for (const folder of [stage, dist]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
pack(layOutMain());
for (const each of Object.values(platforms.targets)) {
  const folder = layOutPlatform(each);
  if (existsSync(join(folder, libraryOf(each)))) pack(folder);
}

/** The package that users install. */
function layOutMain() {
  const { scripts: _, devDependencies: __, ...manifest } = source;
  const natives = platforms.platforms.map((name) => [platforms.packageOf(name), version]);
  const files = [...manifest.files, ...OWN_LICENCES];
  return layOut('at9068', { ...manifest, files, optionalDependencies: Object.fromEntries(natives) }, [
    ...source.files.map((name) => name.replace(/\/$/, '')),
    'README.md',
  ]);
}

/** The package of a platform's native half. */
function layOutPlatform(each) {
  const { os, cpu, libc } = each;
  const name = platforms.nameOf(each);
  const library = libraryOf(each);
  const there = [library, ...OF_NATIVE].filter((file) => existsSync(join(root, file)));
  const manifest = {
    name: platforms.packageOf(name),
    version,
    description: `The native half of at9068 for ${name}`,
    license: source.license,
    repository: source.repository,
    main: library,
    files: [library, ...OWN_LICENCES, ...OF_NATIVE],
    engines: source.engines,
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
  };
  const folder = layOut(name, manifest, there);
  const about = `The native half of the package at9068 for ${name}. at9068 installs and loads it.`;
  writeFileSync(join(folder, 'README.md'), `# ${manifest.name}\n\n${about}\n`);
  return folder;
}

function layOut(name, manifest, files) {
  const folder = join(stage, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const file of files) cpSync(join(root, file), join(folder, file), { recursive: true });
  for (const file of OWN_LICENCES) copyFileSync(join(root, '..', file), join(folder, file));
  return folder;
}

function libraryOf(each) {
  return `at9068.${platforms.nameOf(each)}.node`;
}

function pack(folder) {
  // As npm itself is run: what `npm` is called differs between systems.
  const npm = [process.execPath, process.env.npm_execpath];
  execFileSync(npm[0], [npm[1], 'pack', folder, '--pack-destination', dist, '--loglevel=error'], { stdio: 'inherit' });
}
