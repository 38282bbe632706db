'use strict';

const { version } = require('../package.json');
const { platform } = require('./platform.cjs');

/** Loads the native half: the file of this package, or else the package of the platform. */
function load() {
  const errors = [];
  for (const path of [`../at9068.${platform}.node`, `@at9068/native-${platform}`]) {
    try {
      return require(path);
    } catch (error) {
      errors.push(error);
    }
  }
  throw new Error(`at9068: no native library could be loaded for ${platform}`, { cause: new AggregateError(errors) });
}

const native = load();
if (native.version() !== version) {
  throw new Error(`at9068: the native library is of version ${native.version()}, the package of ${version}`);
}

module.exports = native;
