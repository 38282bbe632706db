// Does one thing over and over without a turn of the event loop, and tells by how many megabytes that made
// the process grow once it was warm.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  ClientAssertionMinter, ClientAssertionValidator, IdTokenValidator, Minter, SigningKey, Validator, introspectionResponse,
} from 'at9068';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const [issuer, audience] = ['https://as.example/', 'https://api.example/'];
const secret = Buffer.alloc(32, 7).toString('base64url');
const key = SigningKey.fromJwk({ kty: 'oct', kid: 'test', alg: 'HS256', k: secret });
const jwks = key.keySet();
const algorithms = ['HS256'];

const minter = new Minter({ issuer, keys: key, apis: [{ audience, dialect: 'rfc9068_profile' }] });
const grant = { grant_type: 'authorization_code', client_id: 'app', subject: 'user', scope: 'openid', resource: [audience] };
const long = { ...grant, claims: { filler: 'x'.repeat(1000) } };
const { token } = minter.mintSync(grant);
const id = minter.mintIdTokenSync({ client_id: 'app', subject: 'user' }).token;
const validator = new Validator({ issuer, audience, jwks, algorithms });
const few = new Validator({ issuer, audience, jwks, algorithms, token_cache: { max_entries: 100 } });
const ids = new IdTokenValidator({ issuer, client_id: 'app', jwks, algorithms });
const held = validator.validateSync(token);

const client = { client_id: 'app', client_secret: secret };
const assertions = new ClientAssertionMinter({ ...client, audience: issuer });
const replayStore = { firstUse: () => true };
const clients = new ClientAssertionValidator({ issuer, clients: [client] }, { replayStore });
const assertion = assertions.mintSync().token;

const deeds = {
  validateSync: () => validator.validateSync(token).sub,
  others: () => {
    const { token: other } = minter.mintSync(long);
    return few.validateSync(other).sub + few.validateSync(other).sub;
  },
  validate: async () => (await validator.validate(token)).claims,
  refuse: () => validator.validate(`${token}A`).catch(({ challenge }) => challenge),
  authenticateSync: () => validator.authenticateSync({ headers: [['Authorization', `Bearer ${token}`]] }).roles,
  explainSync: () => validator.explainSync(token).trace,
  require: () => validator.validateSync(token).require({ max_age: undefined }),
  introspectionResponse: () => introspectionResponse(held),
  claims: () => validator.validateSync(token).claims,
  validateMany: () => validator.validateMany([token, token, `${token}A`]),
  validateManySync: () => validator.validateManySync([token, token, `${token}A`]),
  mintManySync: () => minter.mintManySync([grant, {}]),
  mintSync: () => minter.mintSync(grant).claims,
  idToken: () => ids.validateSync(id).sub,
  clientAssertion: async () => (await clients.validate(assertion)).jti,
};

async function repeat(deed, times) {
  for (let i = 0; i < times; i += 1) await deed();
  collect();
  return process.memoryUsage.rss() / 1e6;
}

const [name, times] = [process.argv[2], Number(process.argv[3])];
const warm = await repeat(deeds[name], times / 2);
console.log(Math.round((await repeat(deeds[name], times)) - warm));
