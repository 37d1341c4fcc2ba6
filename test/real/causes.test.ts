import { createServer, type Server } from 'node:https';
import { type AddressInfo, createServer as createPlain } from 'node:net';
import { BreakerRegistry, type ClientOptions, type FuselineEvent, NetworkError } from 'fuseline';
import { collectMetrics } from 'fuseline/metrics';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { errorOf, getThing, TRANSPORTS, testClient } from '../support/client.js';
import { empty, hang, Loopback, reset, stallBody } from '../support/loopback.js';

let server: Loopback;

beforeEach(async () => {
  server = await Loopback.start();
});

afterEach(() => server.stop());

describe.each(TRANSPORTS)('%s', (_, transport) => {
  /** Makes a call that fails. Returns its error, and the cause that events and metrics have. */
  async function failed(options: ClientOptions): Promise<{ readonly error: unknown; readonly causes: unknown; readonly metric: string }> {
    const registry = new BreakerRegistry();
    const metrics = new Registry();
    collectMetrics({ register: metrics, registry });
    const events: FuselineEvent[] = [];
    const onEvent = (event: FuselineEvent): unknown => events.push(event);
    const acme = testClient({ token: 't', retry: false, ...transport, registry, onEvent, ...options });
    const error = await errorOf(acme.call(getThing, { id: 1 }));
    const metric = await metrics.getSingleMetricAsString('circuit_breaker_attempt_failures_total');
    return { error, causes: events.map((event) => ('cause' in event ? event.cause : event.type)), metric };
  }

  test('refused', async () => {
    await server.stop();
    const { error, causes, metric } = await failed({ baseUrl: server.origin });
    const host = server.origin.slice('http://'.length);
    expect(error).toMatchObject({ kind: 'network', fault: 'refused', host, maybeSent: false });
    expect((error as Error).message).toContain(`the connection was refused (${host}); nothing was sent (ECONNREFUSED)`);
    expect(causes).toEqual(['refused']);
    expect(metric).toContain('circuit_breaker_attempt_failures_total{service="acme",operation="things.get",cause="refused"} 1');
    server = await Loopback.start();
  });

  test('reset, before and inside of the answer', async () => {
    server.answer(reset);
    expect(await failed({ baseUrl: server.origin })).toMatchObject({ error: { fault: 'reset' }, causes: ['reset'] });
  });

  test('a certificate that cannot be trusted', async () => {
    const secure: Server = createServer(selfSigned(), (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    expect(await failed({ baseUrl: origin })).toMatchObject({ error: { fault: 'tls' }, causes: ['tls'] });
    secure.close();
  });

  test('100 Continue that was not asked for: it is named, and the request not sent again', async () => {
    let requests = 0;
    const plain = createPlain((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests++;
        socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    const { error, causes } = await failed({ baseUrl, retry: { baseDelayMs: 1, maxDelayMs: 1 } });
    expect(error).toMatchObject({ fault: 'protocol', reason: 'UNASKED_100_CONTINUE', maybeSent: true });
    expect([causes, requests]).toEqual([['protocol'], 1]);
    plain.close();
  });

  test('no HTTP', async () => {
    const plain = createPlain((socket) => socket.end('220 mail.example.com ESMTP\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    expect(await failed({ baseUrl: origin })).toMatchObject({ error: { fault: 'protocol' }, causes: ['protocol'] });
    plain.close();
  });

  test('no answer in time, a body that stalls, and a status', async () => {
    server.answer(hang, stallBody, empty(503));
    expect(await failed({ baseUrl: server.origin, timeoutMs: 100 })).toMatchObject({ causes: ['timeout'] });
    expect(await failed({ baseUrl: server.origin, timeoutMs: 300 })).toMatchObject({ causes: ['body_timeout'] });
    expect(await failed({ baseUrl: server.origin })).toMatchObject({ causes: ['http_503'] });
  });

  test('an error is told by its class, too', async () => {
    server.answer(reset);
    expect((await failed({ baseUrl: server.origin })).error).toBeInstanceOf(NetworkError);
  });
});
