'use strict';

// The name of the platform, as the native library's file name has it. On Linux it is built for
// glibc; elsewhere there is one C library only.
const suffix = process.platform === 'linux' ? '-gnu' : '';

module.exports = { platform: `${process.platform}-${process.arch}${suffix}` };
