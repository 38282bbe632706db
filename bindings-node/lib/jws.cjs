'use strict';

const native = require('./native.cjs');
const { call } = require('./error.cjs');
const args = require('./arguments.cjs');
const { verifying } = require('./keys.cjs');

function verifyJws(token, keys, algorithms) {
  const given = args.token(token);
  const names = args.texts(algorithms, 'algorithms');
  const set = verifying(keys);
  return call(() => native.verifyJws(given, set, names));
}

module.exports = { verifyJws };
