// An API of Fastify.
//
//     node server.js

import { accessToken, errorHandler } from 'at9068/fastify';
import fastify from 'fastify';
import { options, port } from '../settings.js';

const app = fastify();
await app.register(accessToken, { validator: options });
app.setErrorHandler(errorHandler);

app.get('/health', async () => ({ ok: true }));

app.get('/me', { onRequest: app.guard() }, async ({ accessToken: { sub, client_id, scopes } }) => {
  return { sub, client_id, scopes: [...scopes] };
});

app.get('/patients', { onRequest: app.guard({ require: { scopes: ['read:patients'] } }) }, async () => {
  return { patients: [] };
});

app.delete('/patients', { onRequest: app.guard({ require: { permissions: ['delete:patients'] } }) }, async () => {
  return { deleted: true };
});

await app.listen({ host: '127.0.0.1', port });
