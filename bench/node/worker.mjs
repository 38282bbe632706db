// The worker of `make bench` for Node: `worker.mjs MATERIAL`. It answers JSON lines, as bench/README.md has them.
//
// CPU time is that of the whole process, so that what other threads do for a call counts, as does the collection of
// garbage. Elapsed time is told of one thread only.

import { createInterface } from 'node:readline';

import { read } from './material.mjs';
import { ABSENT, PEERS, version } from './peers.mjs';
import { OURS, cases, ourVersion } from './subjects.mjs';

/** Time before the first call that counts, in milliseconds: until then code is compiled. */
const WARM_UP = 300;

/** How many new strings are made at a time. */
const CHUNK = 4096;

// What libraries warn of is said in the notes.
process.removeAllListeners('warning');

const makes = Object.assign({}, ...read(process.argv[2]).map(cases));
const made = new Map();

const greeting = {
  cases: Object.fromEntries(Object.entries(makes).map(([kase, subjects]) => [kase, Object.keys(subjects)])),
  versions: { [OURS]: ourVersion, 'node:crypto': `${process.version}, OpenSSL ${process.versions.openssl}` },
  unchecked: {},
  absent: ABSENT,
  notes: {},
};
for (const [name, peer] of Object.entries(PEERS)) {
  greeting.versions[name] = version(peer);
  greeting.unchecked[name] = peer.unchecked ?? [];
  greeting.notes[name] = peer.note;
}

/** The subject, made and warmed up when it is first asked for. */
async function subjectOf(kase, name) {
  const id = `${kase} ${name}`;
  if (!made.has(id)) {
    const subject = await makes[kase][name]();
    subject.next = 0;
    made.set(id, subject);
    const end = performance.now() + WARM_UP;
    while (performance.now() < end) await subject.loop(take(subject, 100));
  }
  return made.get(id);
}

/** The next items, going on where the last call ended. */
function take(subject, calls) {
  const { items, fresh } = subject;
  const taken = Array.from({ length: calls }, (_, place) => items[(subject.next + place) % items.length]);
  subject.next = (subject.next + calls) % items.length;
  return fresh ? taken.map((token) => Buffer.from(token, 'latin1').latin1Slice()) : taken;
}

/** What so many calls take by the clock, with no more strings made anew at a time than a cache of the CPU bears. */
async function measure(subject, calls, clock) {
  let sum = 0;
  for (let left = calls; left > 0; ) {
    const now = subject.fresh ? Math.min(left, CHUNK) : left;
    const items = take(subject, now);
    const begin = clock();
    const running = subject.loop(items);
    if (running instanceof Promise) await running;
    sum += clock() - begin;
    left -= now;
  }
  return sum / calls;
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function answer({ do: what, case: kase, subject: name, calls, threads = 1 }) {
  const subject = await subjectOf(kase, name);
  switch (what) {
    case 'verdict':
      return subject.verdict();
    case 'time':
      return { us: await measure(subject, calls, cpu) };
    case 'wall':
      if (threads !== 1) throw new Error('has one thread');
      return { us: await measure(subject, calls, () => performance.now() * 1000) };
    default:
      throw new Error(`cannot do ${what}`);
  }
}

console.log(JSON.stringify(greeting));
for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = await answer(JSON.parse(line));
  } catch (fault) {
    said = { error: `${fault.name}: ${fault.message}` };
  }
  console.log(JSON.stringify(said));
}
