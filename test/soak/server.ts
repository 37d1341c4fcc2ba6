/** The loopback server of the soak, a process of its own so that its heap and sockets are not the client's. `process.argv[2]` is the seed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ledger, Question, Seen, Word } from './ledger.js';
import { between, seeded } from './random.js';
import { type Fault, FINE, Weather } from './weather.js';

const random = seeded(Number(process.argv[2]));
const weather = new Weather(random);
let calls: Record<string, Seen> = {};
let faults: Partial<Record<Fault, number>> = {};
let closedByClient = 0;
let open = 0;
let changing: NodeJS.Timeout | undefined;

// Two seconds are announced to the client, which closes idle connections after one.
const server = createServer({ keepAliveTimeout: 2_000 }, (request, response) => {
  open++;
  response.once('close', () => {
    open--;
    if (!response.writableFinished) closedByClient++;
  });
  request.on('error', () => undefined);
  request.on('data', () => undefined);
  request.on('end', () => answer(request, response));
});
server.on('connection', (socket) => {
  if (weather.refusesConnections) socket.resetAndDestroy();
});
server.on('clientError', (_, socket) => socket.destroy());

function answer(request: IncomingMessage, response: ServerResponse): void {
  const fault = weather.fault();
  faults[fault] = (faults[fault] ?? 0) + 1;
  const id = request.headers['x-soak-id'];
  const path = request.url ?? '';
  const body = JSON.stringify({ id: id ?? null, key: path.slice(path.lastIndexOf('/') + 1), padding: 'x'.repeat(200) });
  let seen: Seen | undefined;
  if (typeof id === 'string') {
    seen = calls[id] ??= { count: 0, answered: 0, keys: [] };
    seen.count++;
    const key = request.headers['idempotency-key'];
    if (typeof key === 'string' && !seen.keys.includes(key)) seen.keys.push(key);
  }
  const good = (): void => {
    if (seen !== undefined) seen.answered++;
  };
  ANSWERS[fault](response, body, good);
}

const JSON_TYPE = { 'content-type': 'application/json' };

const ANSWERS: Readonly<Record<Fault, (response: ServerResponse, body: string, good: () => void) => void>> = {
  ok(response, body, good) {
    good();
    response.writeHead(200, JSON_TYPE).end(body);
  },
  drip(response, body, good) {
    response.writeHead(200, JSON_TYPE);
    const step = Math.ceil(body.length / 8);
    const everyMs = between(random, 1, 120);
    const next = (at: number): void => {
      if (response.destroyed) return;
      response.write(body.slice(at, at + step));
      if (at + step < body.length) setTimeout(next, everyMs, at + step);
      else {
        good();
        response.end();
      }
    };
    next(0);
  },
  error(response) {
    response.writeHead(between(random, 500, 504), JSON_TYPE).end('{"message":"down"}');
  },
  throttled(response) {
    response.writeHead(429, { ...JSON_TYPE, 'retry-after': random() < 0.5 ? '0' : '3600' }).end('{}');
  },
  hang: () => undefined,
  stall(response, body) {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': body.length });
    response.write(body.slice(0, 20));
  },
  reset(response) {
    response.socket?.resetAndDestroy();
  },
  reset_body(response, body) {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': body.length });
    response.write(body.slice(0, 20), () => response.socket?.resetAndDestroy());
  },
  html(response) {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>maintenance</html>');
  },
  truncated(response, body) {
    response.writeHead(200, JSON_TYPE).end(body.slice(0, -10));
  },
};

function change(): void {
  changing = setTimeout(change, weather.change());
}

function say(word: Word): void {
  process.send?.(word);
}

process.on('message', ({ ask }: Question) => {
  if (ask === 'start') change();
  else if (ask === 'calm') {
    clearTimeout(changing);
    weather.name = FINE;
  } else if (ask === 'forget') {
    calls = {};
    faults = {};
    closedByClient = 0;
  } else {
    server.getConnections((_, connections) => {
      const ledger: Ledger = { calls, faults, closedByClient, open, connections };
      say({ ledger });
    });
  }
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', 4_096, () => say({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
