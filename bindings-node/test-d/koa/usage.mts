// As ../frameworks/usage.mts, of Koa.

import Koa from 'koa';
import type { AccessToken, ValidatorOptions } from 'at9068';
import { guard } from 'at9068/koa';
import type { GuardedState } from 'at9068/koa';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const options: ValidatorOptions = { issuer: 'https://as.example/', audience: 'https://api.example/' };
const app = new Koa<GuardedState>();
const guarded = guard(options, { clientCertificate: (ctx) => ctx.get('x') });
app.use(guarded.errors());
app.use(guarded.metadata());
app.use(guarded({ require: { scopes: ['read'] } }));
app.use(async (ctx) => {
  same<typeof ctx.state.accessToken, AccessToken>(true);
  ctx.body = ctx.state.accessToken.sub;
});
// @ts-expect-error: an option that does not exist
guarded({ scopes: ['read'] });
