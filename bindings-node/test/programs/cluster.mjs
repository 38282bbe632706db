// A cluster of two judges; answers with what both of them say.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

cluster.setupPrimary({ exec: fileURLToPath(new URL('judge.mjs', import.meta.url)), args: process.argv.slice(2) });
const judges = [cluster.fork(), cluster.fork()];
await Promise.all(judges.map((judge) => once(judge, 'message')));

process.on('message', async (token) => {
  const answers = judges.map((judge) => (token === null ? once(judge, 'exit') : once(judge, 'message')));
  for (const judge of judges) judge.send(token);
  const given = (await Promise.all(answers)).flatMap(([answer]) => answer);
  if (token === null) process.disconnect();
  else process.send(given);
});
process.send('ready');
