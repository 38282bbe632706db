'use strict';

// Which native library this process needs, and which there are. A package of its own has each of them.

const { closeSync, openSync, readSync } = require('node:fs');

/** The platforms that it is built for, by what Rust calls them. */
const targets = {
  'x86_64-unknown-linux-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc', abi: 'gnu' },
  'aarch64-unknown-linux-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc', abi: 'gnu' },
  'x86_64-unknown-linux-musl': { os: 'linux', cpu: 'x64', libc: 'musl', abi: 'musl' },
  'aarch64-unknown-linux-musl': { os: 'linux', cpu: 'arm64', libc: 'musl', abi: 'musl' },
  'x86_64-apple-darwin': { os: 'darwin', cpu: 'x64' },
  'aarch64-apple-darwin': { os: 'darwin', cpu: 'arm64' },
  'x86_64-pc-windows-msvc': { os: 'win32', cpu: 'x64', abi: 'msvc' },
  'aarch64-pc-windows-msvc': { os: 'win32', cpu: 'arm64', abi: 'msvc' },
};

/** The name of a platform, as its file and its package have it. */
function nameOf({ os, cpu, abi }) {
  return [os, cpu, abi].filter(Boolean).join('-');
}

/** The package that has the native library of a platform. */
function packageOf(name) {
  return `@at9068/${name}`;
}

/** The C library that this process runs on: `glibc` or `musl` on Linux; elsewhere there is one only. */
function libcOf() {
  if (process.platform !== 'linux') return undefined;
  const loader = loaderOf(process.execPath);
  if (loader.includes('/ld-musl-')) return 'musl';
  return loader.includes('/ld-linux-') || reported() ? 'glibc' : 'musl';
}

/** The beginning of a program, which names what loads it. To read that takes far less than a report does. */
function loaderOf(program) {
  const buffer = Buffer.alloc(4096);
  try {
    const file = openSync(program, 'r');
    try {
      readSync(file, buffer);
    } finally {
      closeSync(file);
    }
  } catch {
    // Then the report has to tell.
  }
  return buffer.latin1Slice();
}

/** Whether Node's report has a version of glibc. */
function reported() {
  const { report } = process;
  // The names of whom this process talks to are not asked for: that may take seconds.
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  try {
    return report.getReport().header.glibcVersionRuntime !== undefined;
  } finally {
    report.excludeNetwork = before;
  }
}

const ABIS = { glibc: 'gnu', musl: 'musl' };
const libc = libcOf();
const abi = process.platform === 'win32' ? 'msvc' : ABIS[libc];

module.exports = {
  libc,
  nameOf,
  packageOf,
  platform: nameOf({ os: process.platform, cpu: process.arch, abi }),
  platforms: Object.values(targets).map(nameOf),
  targets,
};
