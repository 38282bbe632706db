// An API of Express.
//
//     node server.js

import { guard } from 'at9068/express';
import express from 'express';
import { options, port } from '../settings.js';

const app = express();
const guarded = guard(options);

app.use(guarded.metadata());

app.get('/health', (req, res) => {
  res.json({ ok: true });
});

app.get('/me', guarded(), ({ accessToken: { sub, client_id, scopes } }, res) => {
  res.json({ sub, client_id, scopes: [...scopes] });
});

app.get('/patients', guarded({ require: { scopes: ['read:patients'] } }), (req, res) => {
  res.json({ patients: [] });
});

app.delete('/patients', guarded({ require: { permissions: ['delete:patients'] } }), (req, res) => {
  res.json({ deleted: true });
});

app.use(guarded.errors());
app.listen(port, '127.0.0.1');
