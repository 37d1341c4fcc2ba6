import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contactJson } from './contact.js';

/** The loopback server, in a process of its own so that its CPU does not count. Prints its URL and serves until its parent goes. */
const answer = Buffer.from(contactJson);
const headers = [
  ...['content-type', 'application/json; charset=utf-8', 'content-length', String(answer.length)],
  ...['x-request-id', 'b0a0c1f2', 'x-ratelimit-limit-daily', '200000', 'x-ratelimit-daily-remaining', '199998'],
  ...['x-ratelimit-max', '100', 'x-ratelimit-remaining', '98', 'vary', 'Accept-Encoding'],
];

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(200, headers);
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
