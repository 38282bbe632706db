// A login, seen by the client and by the server that it logs in at; and a logout.

import {
  ClientAssertionMinter, ClientAssertionValidator, IdTokenValidator, Minter, Revocations, SigningKey, Validator,
} from 'at9068';

const [issuer, api] = ['https://as.example/', 'https://api.example/'];
const [serverKey, clientKey] = [await SigningKey.generate('RS256'), await SigningKey.generate('ES256')];

// The client proves who it is, with a key that only it has. No assertion serves twice.
const client = new ClientAssertionMinter({ client_id: 'app', audience: issuer, keys: clientKey });
const clients = new ClientAssertionValidator({ issuer, clients: [{ client_id: 'app', jwks: clientKey.keySet() }] });
const { token: assertion } = await client.mint();
const { client_id, method } = await clients.validate(assertion);
const again = await clients.validate(assertion).catch(({ code }) => code);
console.log(client_id, method, again);

// The server says who logged in, and what the client may do.
const minter = new Minter({ issuer, keys: serverKey, apis: [{ audience: api, dialect: 'rfc9068_profile' }] });
const access = await minter.mint({ grant_type: 'authorization_code', client_id, subject: 'alice', resource: [api] });
const login = { client_id, subject: 'alice', nonce: 'of the session', access_token: access.token };
const id = await minter.mintIdToken(login);

// The client believes it where the token is of this login.
const logins = new IdTokenValidator({ issuer, client_id: 'app', jwks: serverKey.keySet() });
const { sub } = await logins.validate(id.token, { nonce: 'of the session', access_token: access.token });
const stolen = await logins.validate(id.token, { nonce: 'of another' }).catch(({ code }) => code);
console.log(sub, stolen);

// The API hears that the token was taken back, and asks nobody about it.
const revocations = new Revocations();
const validator = new Validator({ issuer, audience: api, jwks: serverKey.keySet() }, { revocations });
const { jti, exp } = await validator.validate(access.token);
revocations.revoke({ issuer, jti, until: exp });
console.log(await validator.validate(access.token).catch(({ code }) => code));
