// A small API behind a cluster, as a service would write it: one validator in each worker. It prints its port when all
// of them listen, and ends when its standard input does.

import cluster from 'node:cluster';
import { createServer } from 'node:http';

const { At9068Error, Validator } = await import(process.env.AT9068_MODULE ?? 'at9068');

if (cluster.isPrimary) {
  const workers = Number(process.env.WORKERS);
  let listening = 0;
  cluster.on('listening', (_, { port }) => {
    listening += 1;
    if (listening === workers) console.log(port);
  });
  // No worker ends before it is told to.
  const lost = () => process.exit(1);
  cluster.on('exit', lost);
  for (let i = 0; i < workers; i += 1) cluster.fork();
  process.stdin.resume().on('end', () => {
    cluster.off('exit', lost);
    cluster.disconnect(() => process.exit(0));
  });
} else {
  const validator = new Validator({
    issuer: process.env.ISSUER,
    audience: 'https://api.example/',
    issuer_cache: {
      danger_http_loopback: true,
      timeout_seconds: 20,
      cooldown_seconds: Number(process.env.COOLDOWN_SECONDS),
    },
  });
  if (process.env.PREFETCH === 'yes') await validator.prefetch();

  /** Who asks, and which process answers. */
  const server = createServer(async (request, response) => {
    const headers = [['Authorization', request.headers.authorization]];
    try {
      const { client_id: caller } = await validator.authenticate({ headers });
      response.end(`${process.pid} ${caller}`);
    } catch (refusal) {
      if (!(refusal instanceof At9068Error)) throw refusal;
      response.writeHead(refusal.status, { 'WWW-Authenticate': refusal.challenge });
      response.end(`${process.pid} ${refusal.code}`);
    }
  });
  server.listen(0, '127.0.0.1');
}
