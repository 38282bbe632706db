'use strict';

const { version } = require('../package.json');
const { libc, packageOf, platform, platforms } = require('./platform.cjs');

/** Loads the native half: what was built beside this package, or else the package of the platform. */
function load() {
  const errors = [];
  for (const path of [`../at9068.${platform}.node`, packageOf(platform)]) {
    try {
      return require(path);
    } catch (error) {
      errors.push(error);
    }
  }
  const here = `platform ${process.platform}, arch ${process.arch}${libc === undefined ? '' : `, libc ${libc}`}`;
  throw new Error(`at9068: no native library for ${platform} (${here}): ${whatToDo(errors)}`, {
    cause: new AggregateError(errors),
  });
}

/** What whoever installed the package can do about it. */
function whatToDo(errors) {
  const wanted = packageOf(platform);
  if (!platforms.includes(platform)) {
    return `it is built for ${platforms.join(', ')}; elsewhere it has to be built from its sources`;
  }
  if (errors.every(({ code }) => code === 'MODULE_NOT_FOUND')) {
    return `the package ${wanted} is not installed; install ${wanted}@${version}, or at9068 with its optional dependencies`;
  }
  return `the package ${wanted} is there but could not be loaded, for the reason that is the cause of this error`;
}

const native = load();
if (native.version() !== version) {
  throw new Error(`at9068: the native library is of version ${native.version()}, the package of ${version}`);
}

module.exports = native;
