import { Minter, SigningKey, Validator } from 'at9068';

const issuer = 'https://as.example/';
const api = 'https://api.example/';
const key = await SigningKey.generate('ES256');

const minter = new Minter({
  issuer,
  keys: key,
  apis: [{ audience: api, dialect: 'rfc9068_profile', scopes: ['read:patients'] }],
});
const minted = await minter.mint({
  grant_type: 'authorization_code',
  client_id: 'app',
  subject: 'auth0|123456',
  scope: 'openid read:patients',
});

const validator = new Validator({ issuer, audience: api, jwks: key.keySet() });
const token = await validator.validate(minted.token, { require: { scopes: ['read:patients'] } });
console.log(token.sub, token.client_id, [...token.scopes]);
