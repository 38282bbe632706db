// The very same objects as those of the CommonJS entry, and so are their types.
import { accessToken } from './fastify.cjs';

export * from './fastify.cjs';
export default accessToken;
