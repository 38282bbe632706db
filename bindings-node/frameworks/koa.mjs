import adapter from './koa.cjs';

export const { HttpError, guard } = adapter;
