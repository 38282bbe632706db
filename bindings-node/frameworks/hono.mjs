import adapter from './hono.cjs';

export const { HttpError, guard } = adapter;
