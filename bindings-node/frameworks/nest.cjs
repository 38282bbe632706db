'use strict';

const { over } = require('../lib/http/nest.cjs');

module.exports = over(require('@nestjs/common'), require('@nestjs/core'));
