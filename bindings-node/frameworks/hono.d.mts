// The very same objects as those of the CommonJS entry, and so are their types.
export * from './hono.cjs';
