// An API of Hono, served by Node.
//
//     node server.js

import { serve } from '@hono/node-server';
import { guard } from 'at9068/hono';
import { Hono } from 'hono';
import { options, port } from '../settings.js';

const app = new Hono();
const guarded = guard(options);

app.use(guarded.metadata());

app.get('/health', (c) => c.json({ ok: true }));

app.get('/me', guarded(), (c) => {
  const { sub, client_id, scopes } = c.get('accessToken');
  return c.json({ sub, client_id, scopes: [...scopes] });
});

app.get('/patients', guarded({ require: { scopes: ['read:patients'] } }), (c) => c.json({ patients: [] }));

app.delete('/patients', guarded({ require: { permissions: ['delete:patients'] } }), (c) => c.json({ deleted: true }));

app.onError(guarded.errors());
serve({ fetch: app.fetch, hostname: '127.0.0.1', port });
