import adapter from './express.cjs';

export const { HttpError, guard } = adapter;
