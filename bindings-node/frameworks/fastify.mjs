import adapter from './fastify.cjs';

export const { HttpError, accessToken, errorHandler } = adapter;
export default accessToken;
