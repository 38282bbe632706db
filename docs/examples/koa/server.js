// An API of Koa.
//
//     node server.js

import Router from '@koa/router';
import { guard } from 'at9068/koa';
import Koa from 'koa';
import { options, port } from '../settings.js';

const app = new Koa();
const router = new Router();
const guarded = guard(options);

router.get('/health', (ctx) => {
  ctx.body = { ok: true };
});

router.get('/me', guarded(), (ctx) => {
  const { sub, client_id, scopes } = ctx.state.accessToken;
  ctx.body = { sub, client_id, scopes: [...scopes] };
});

router.get('/patients', guarded({ require: { scopes: ['read:patients'] } }), (ctx) => {
  ctx.body = { patients: [] };
});

router.delete('/patients', guarded({ require: { permissions: ['delete:patients'] } }), (ctx) => {
  ctx.body = { deleted: true };
});

app.use(guarded.errors());
app.use(guarded.metadata());
app.use(router.routes());
app.listen(port, '127.0.0.1');
