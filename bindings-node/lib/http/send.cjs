'use strict';

const { fields } = require('./error.cjs');

/** Answers by a response of Node's, past what a framework would add to header fields or body. */
function send(response, { status, headers, body }) {
  response.statusCode = status;
  for (const [name, value] of Object.entries(fields(headers))) response.setHeader(name, value);
  response.end(body);
}

/** Answers by a reply of Fastify's. As bytes, since a media type of JSON would otherwise get a charset. */
function reply(to, { status, headers, body }) {
  return to.code(status).headers(fields(headers)).send(Buffer.from(body));
}

module.exports = { reply, send };
