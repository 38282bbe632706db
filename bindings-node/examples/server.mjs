// A server whose tokens come from one issuer, whose keys are found and kept up to date.
//
//     node server.mjs '{"issuer": "https://as.example/", "audience": "https://api.example/"}'

import { createServer } from 'node:http';
import { At9068Error, Validator } from 'at9068';

const validator = new Validator(JSON.parse(process.argv[2]), {
  events: ({ event, issuer }) => console.error(event, issuer),
});
await validator.prefetch();

const server = createServer(async (request, response) => {
  const headers = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) headers.push(request.rawHeaders.slice(i, i + 2));
  try {
    const token = await validator.authenticate({ headers, method: request.method, url: request.url });
    response.end(`Hello, ${token.sub}!\n`);
  } catch (error) {
    if (!(error instanceof At9068Error) || error.httpResponse === undefined) throw error;
    const { status, headers, body } = error.httpResponse;
    response.writeHead(status, headers.flat()).end(body);
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
