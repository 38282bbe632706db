// The same API in two processes behind one port. Each has its own validator, and fetches keys for itself.
//
//     node cluster.js

import cluster from 'node:cluster';

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i += 1) cluster.fork();
} else {
  await import('./server.js');
}
