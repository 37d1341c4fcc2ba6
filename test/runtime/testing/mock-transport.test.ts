import { delay, HttpResponse, http } from 'msw';
import { describe, expect, test } from 'vitest';
import type { TransportController, TransportHandler, TransportRequest } from '../../../runtime/call/transport/types.js';
import { type MockTransport, mockTransport } from '../../../runtime/testing/mock-transport.js';

const ORIGIN = 'https://api.example.com';

/** Everything a transport told its handler, in order. */
class Recorder implements TransportHandler {
  readonly log: string[] = [];
  status = 0;
  headers: Record<string, string | string[] | undefined> = {};
  text = '';
  error: (Error & { code?: string }) | undefined;
  controller: TransportController | undefined;
  readonly #decoder = new TextDecoder();
  #finish: () => void = () => undefined;
  readonly finished = new Promise<void>((resolve) => {
    this.#finish = resolve;
  });

  constructor(readonly on: { start?: (controller: TransportController) => void; data?: (controller: TransportController) => void } = {}) {}

  onRequestStart(controller: TransportController): void {
    this.log.push('start');
    this.controller = controller;
    this.on.start?.(controller);
  }

  onResponseStart(_: TransportController, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.log.push('head');
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: TransportController, chunk: Uint8Array): void {
    this.log.push('data');
    this.text += this.#decoder.decode(chunk, { stream: true });
    this.on.data?.(controller);
  }

  onResponseEnd(): void {
    this.log.push('end');
    this.#finish();
  }

  onResponseError(_: TransportController | null, error: Error): void {
    this.log.push('error');
    this.error = error;
    this.#finish();
  }
}

async function send(mock: MockTransport, request: Partial<TransportRequest> = {}, recorder = new Recorder()): Promise<Recorder> {
  expect(mock.dispatch({ origin: ORIGIN, path: '/things?x=1', method: 'GET', headers: [], body: null, ...request }, recorder)).toBe(true);
  await recorder.finished;
  return recorder;
}

const things = (status = 200): ReturnType<typeof http.get> => http.get(`${ORIGIN}/things`, () => HttpResponse.json({ status }, { status }));

describe('mock transport', () => {
  test('answers from handlers, by the steps of a real transport', async () => {
    const answer = await send(mockTransport(things(201)));
    expect(answer.log).toEqual(['start', 'head', 'data', 'end']);
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([201, '{"status":201}', 'application/json']);
  });

  test('shows handlers and test what was sent', async () => {
    let seen: unknown;
    const mock = mockTransport(
      http.post(`${ORIGIN}/things`, async ({ request }) => {
        seen = await request.json();
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const answer = await send(mock, { method: 'POST', headers: ['authorization', 'Bearer t', 'x-a', '1', 'x-a', '2'], body: '{"a":1}' });
    expect(answer.log).toEqual(['start', 'head', 'end']);
    expect(seen).toEqual({ a: 1 });
    expect(mock.requests).toHaveLength(1);
    expect(mock.requests[0]).toMatchObject({ method: 'POST', url: `${ORIGIN}/things?x=1`, body: '{"a":1}', aborted: false });
    expect(mock.requests[0]?.headers.get('authorization')).toBe('Bearer t');
    expect(mock.requests[0]?.headers.get('x-a')).toBe('1, 2');
  });

  test('bytes arrive, and are not shown as text', async () => {
    const mock = mockTransport(http.post(`${ORIGIN}/things`, async ({ request }) => HttpResponse.text(await request.text())));
    expect((await send(mock, { method: 'POST', body: new TextEncoder().encode('bytes') })).text).toBe('bytes');
    expect(mock.requests[0]?.body).toBeUndefined();
  });

  test('a request that no handler takes is an error that names it, without its query', async () => {
    const answer = await send(mockTransport(things()), { path: '/other?token=secret' });
    expect(answer.log).toEqual(['start', 'error']);
    expect(answer.error).toMatchObject({ code: 'EMOCKUNHANDLED', message: `no handler for GET ${ORIGIN}/other` });
  });

  test('a broken connection, and a handler that throws', async () => {
    const broken = await send(mockTransport(http.get(`${ORIGIN}/things`, () => HttpResponse.error())));
    expect(broken.log).toEqual(['start', 'error']);
    expect(broken.error).toMatchObject({ code: 'ECONNRESET' });
    const throwing = await send(
      mockTransport(
        http.get(`${ORIGIN}/things`, () => {
          throw new Error('handler');
        }),
      ),
    );
    expect(throwing.log.at(-1)).not.toBe('start');
  });

  test('a body that breaks off is an error after its beginning', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('half'));
      },
      pull(controller) {
        controller.error(new Error('broke off'));
      },
    });
    const answer = await send(mockTransport(http.get(`${ORIGIN}/things`, () => new HttpResponse(body))));
    expect(answer.log).toEqual(['start', 'head', 'data', 'error']);
    expect(answer.text).toBe('half');
  });

  test('an abort before, while waiting and within the body ends it once, with the reason', async () => {
    const reason = new Error('enough');
    const mock = mockTransport(
      http.get(`${ORIGIN}/slow`, async () => {
        await delay('infinite');
      }),
      http.get(
        `${ORIGIN}/endless`,
        () => new HttpResponse(new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(8)) })),
      ),
    );
    const before = await send(mock, { path: '/slow' }, new Recorder({ start: (controller) => controller.abort(reason) }));
    expect(before.log).toEqual(['start', 'error']);
    expect(mock.requests, 'it never left').toHaveLength(0);

    const recorder = new Recorder();
    const waiting = send(mock, { path: '/slow' }, recorder);
    recorder.controller?.abort(reason);
    expect((await waiting).log).toEqual(['start', 'error']);
    expect(recorder.error).toBe(reason);
    expect(mock.requests[0]?.aborted).toBe(true);

    const within = await send(mock, { path: '/endless' }, new Recorder({ data: (controller) => controller.abort(reason) }));
    expect(within.log).toEqual(['start', 'head', 'data', 'error']);
    within.controller?.abort(new Error('again'));
    expect(within.log).toHaveLength(4);
  });

  test('use puts handlers before the others; reset goes back, and forgets', async () => {
    const mock = mockTransport(things(200));
    mock.use(things(500));
    expect((await send(mock)).status).toBe(500);
    mock.reset();
    expect(mock.requests).toEqual([]);
    expect((await send(mock)).status).toBe(200);
    mock.reset(things(418));
    expect((await send(mock)).status).toBe(418);
    mock.reset();
    expect((await send(mock)).status).toBe(200);
  });

  test('a one-time handler answers once', async () => {
    const mock = mockTransport(
      http.get(`${ORIGIN}/things`, () => HttpResponse.text('once'), { once: true }),
      things(200),
    );
    expect([(await send(mock)).text, (await send(mock)).status]).toEqual(['once', 200]);
  });

  test('several cookies stay several, as with a real transport', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    const mock = mockTransport(http.get(`${ORIGIN}/things`, () => new HttpResponse(null, { headers })));
    expect((await send(mock)).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });
});
