// A small API that judges tokens in two ways: by itself, and asking the issuer every so often. It prints its port, and
// ends when its standard input does.

import { createServer } from 'node:http';

const { At9068Error, Validator } = await import(process.env.AT9068_MODULE ?? 'at9068');

const validators = {
  '/local': new Validator(JSON.parse(process.env.LOCAL)),
  '/asking': new Validator(JSON.parse(process.env.ASKING)),
};

/** Who asks, or why it may not. */
const server = createServer(async (request, response) => {
  const headers = [['Authorization', request.headers.authorization]];
  try {
    const { sub } = await validators[request.url].authenticate({ headers });
    response.end(JSON.stringify(sub));
  } catch (refusal) {
    if (!(refusal instanceof At9068Error)) throw refusal;
    response.writeHead(refusal.status).end(JSON.stringify(refusal.code));
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => {
  server.close();
  server.closeAllConnections();
});
