import { propagation, type TextMapPropagator } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { AlwaysOffSampler, BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { otel } from 'fuseline/otel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AT_ONCE, getThing, TRANSPORTS, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { json, Loopback } from '../../../support/loopback.js';
import { exporter, only, useGlobalSdk } from './recorded-spans.js';

useGlobalSdk();

describe('the trace context', () => {
  let server: Loopback;
  beforeAll(async () => {
    server = await Loopback.start();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    server.requests.length = 0;
    server.answer(json({}));
  });

  it.each(TRANSPORTS)('reaches the server with each attempt: %s', async (_, transport) => {
    server.answer(json({}, 503), json({}));
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, instrumentation: otel(), ...transport });
    await acme.call(getThing, { id: 1 });
    const { traceId, spanId } = only().spanContext();
    const expected = `00-${traceId}-${spanId}-01`;
    expect(server.requests.map(({ headers }) => headers['traceparent'])).toEqual([expected, expected]);
  });

  it('of a trace that is not sampled goes on, and nothing is recorded', async () => {
    const off = new BasicTracerProvider({ sampler: new AlwaysOffSampler(), spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const acme = testClient({ baseUrl: server.origin, token: 't', instrumentation: otel({ tracerProvider: off }) });
    await acme.call(getThing, { id: 1 });
    expect(server.requests[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  it('is not added where another instrumentation does that', async () => {
    const acme = testClient({ baseUrl: server.origin, token: 't', instrumentation: otel({ propagate: false }) });
    await acme.call(getThing, { id: 1 });
    expect(server.requests[0]?.headers).not.toHaveProperty('traceparent');
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });
});

describe('requests that calls share', () => {
  let dispatcher: InMemory;
  const requestsOfTwo = async (): Promise<number> => {
    dispatcher = new InMemory((...request) => void setImmediate(() => answers(200)(...request)));
    const acme = testClient({ baseUrl: 'https://acme.test/v1', token: 't', dispatcher, instrumentation: otel(), coalesce: true });
    await Promise.all([1, 1].map((id) => acme.call(getThing, { id })));
    return dispatcher.requests.length;
  };
  const propagator = (...names: readonly string[]): TextMapPropagator => ({
    inject: (_context, carrier) => Object.assign(carrier as object, Object.fromEntries(names.map((name) => [name, 'x']))),
    extract: (found) => found,
    fields: () => [...names],
  });
  const withPropagator = async <T>(given: TextMapPropagator, work: () => Promise<T>): Promise<T> => {
    propagation.disable();
    propagation.setGlobalPropagator(given);
    try {
      return await work();
    } finally {
      propagation.disable();
      propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    }
  };

  it('are shared although the client is traced', async () => {
    expect(await requestsOfTwo()).toBe(1);
    expect(await withPropagator(propagator('b3', 'baggage'), requestsOfTwo)).toBe(1);
  });

  it('are not shared if the propagator adds headers that can name a sender, and such headers reach the server', async () => {
    expect(await withPropagator(propagator('traceparent', 'X-Tenant'), requestsOfTwo)).toBe(2);
    expect(dispatcher.header('x-tenant')).toBe('x');
    expect(otel({ propagate: false }).signsRequests).toBe(false);
  });

  it('are not shared if the propagator does not tell its fields', async () => {
    const fields = (): string[] => {
      throw new Error('theirs');
    };
    const silent = { ...propagator(), fields };
    expect(await withPropagator(silent, requestsOfTwo)).toBe(2);
  });
});
