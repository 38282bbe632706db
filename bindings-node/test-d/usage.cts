// Compiled, never run: the CommonJS face of the typings, and that both faces have the same types.

import at9068 = require('at9068');

const key: at9068.SigningKey = at9068.SigningKey.generateSync('EdDSA');
const code: at9068.ErrorCode = 'audience_mismatch';

export async function both(): Promise<string> {
  const esm = await import('at9068');
  const validator = new esm.Validator({ issuer: 'i', audience: 'a', jwks: key });
  const token: at9068.AccessToken = await validator.validate('');
  return token.sub + code;
}
