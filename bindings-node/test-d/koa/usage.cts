// As ../frameworks/usage.cts, of Koa.

import koa = require('at9068/koa');

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

type Esm = typeof import('at9068/koa', { with: { 'resolution-mode': 'import' } });
same<typeof koa.guard, Esm['guard']>(true);
same<keyof typeof koa, keyof Esm>(true);
