import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BreakerRegistry, type ClientOptions, ConfigurationError, lastGood, type ServiceClient } from 'fuseline';
import { type OtelTracerProvider, otel } from 'fuseline/otel';
import { beforeEach, describe, expect, it } from 'vitest';
import { AT_ONCE, errorOf, getThing, testClient } from '../../../support/client.js';
import { answers, breaks, InMemory, socketError, waits } from '../../../support/in-memory.js';
import { exporter, only, useGlobalSdk } from './recorded-spans.js';

useGlobalSdk();

let dispatcher: InMemory;
beforeEach(() => {
  dispatcher = new InMemory(answers(200));
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'https://acme.test/v1', token: 't', dispatcher, retry: false, instrumentation: otel(), ...options });

const events = (span: ReadableSpan): (readonly [string, object])[] => span.events.map(({ name, attributes = {} }) => [name, attributes]);

describe('a span', () => {
  it('of a success has the names of the conventions', async () => {
    await client().call(getThing, { id: 'some-value' });
    const span = only();
    expect(span).toMatchObject({ name: 'GET /things/{id}', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET }, ended: true });
    expect(span.instrumentationScope.name).toBe('fuseline');
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'url.template': '/things/{id}',
      'url.scheme': 'https',
      'server.address': 'acme.test',
      'server.port': 443,
      'http.response.status_code': 200,
      'fuseline.service': 'acme',
      'fuseline.operation': 'things.get',
      'fuseline.circuit': 'acme@acme.test',
      'fuseline.source': 'network',
      'fuseline.attempts': 1,
    });
    expect(events(span)).toEqual([
      ['fuseline.attempt.started', { 'fuseline.attempt': 1 }],
      ['fuseline.attempt.ended', { 'fuseline.attempt': 1, 'http.response.status_code': 200 }],
    ]);
  });

  it.each([
    ['http://127.0.0.1:8080/v1', '127.0.0.1', 8080],
    ['http://acme.test', 'acme.test', 80],
    ['http://[::1]:81', '::1', 81],
  ])('of %s names address and port', async (baseUrl, address, port) => {
    await client({ baseUrl }).call(getThing, { id: 1 });
    expect(only().attributes).toMatchObject({ 'server.address': address, 'server.port': port, 'url.scheme': 'http' });
  });

  it('of a failure is an error, with the status as its type', async () => {
    dispatcher.react(answers(404));
    const error = await errorOf(client().call(getThing, { id: 1 }));
    const span = only();
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: (error as Error).message });
    expect(span.attributes).toMatchObject({ 'error.type': '404', 'http.response.status_code': 404 });
    expect(span.attributes).not.toHaveProperty('fuseline.source');
  });

  it('of a connection that breaks says so, and has no status', async () => {
    dispatcher.react(breaks(socketError('ECONNRESET')));
    await errorOf(client().call(getThing, { id: 1 }));
    expect(only().attributes).toMatchObject({ 'error.type': 'reset' });
    expect(only().attributes).not.toHaveProperty('http.response.status_code');
  });

  it('of repetitions counts them, and tells of each and of the circuit', async () => {
    dispatcher.react(answers(503), breaks(socketError('ECONNRESET')), answers(503));
    const breaker = { failureThreshold: 1, recoveryTimeoutMs: 0, successThreshold: 1 };
    await errorOf(client({ retry: AT_ONCE, breaker }).call(getThing, { id: 1 }));
    const span = only();
    expect(span.attributes).toMatchObject({ 'fuseline.attempts': 3, 'http.request.resend_count': 2, 'error.type': '503' });
    const told = events(span);
    expect(told.map(([name]) => name.replace('fuseline.', ''))).toEqual([
      'attempt.started',
      'attempt.ended',
      'call_failed',
      'circuit_opened',
      'retry_scheduled',
      'circuit_half_open',
      'attempt.started',
      'attempt.ended',
      'call_failed',
      'circuit_opened',
      'retry_scheduled',
      'circuit_half_open',
      'attempt.started',
      'attempt.ended',
      'call_failed',
      'circuit_opened',
    ]);
    expect(told[1]?.[1]).toEqual({ 'fuseline.attempt': 1, 'http.response.status_code': 503, 'error.type': '503' });
    expect(told[2]?.[1]).toEqual({ 'fuseline.failure_count': 1, 'fuseline.threshold': 1, 'fuseline.cause': 'http_503' });
    expect(told[4]?.[1]).toEqual({ 'fuseline.attempt': 2, 'fuseline.delay_ms': 0, 'fuseline.cause': 'http_503' });
    expect(told[3]?.[1]).toEqual({
      'fuseline.old_state': 'closed',
      'fuseline.new_state': 'open',
      'fuseline.failure_count': 1,
      'fuseline.recovery_timeout_ms': 0,
      'fuseline.reason': 'consecutive_failures',
    });
  });

  it('of a call that an open circuit refuses', async () => {
    const acme = client();
    acme.breaker('things.get').forceOpen();
    await errorOf(acme.call(getThing, { id: 1 }));
    const span = only();
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'error.type': 'circuit_open', 'fuseline.attempts': 0 });
    // How long it refuses is for ever, which no exporter can write.
    expect(events(span)).toEqual([['fuseline.call_rejected', { 'fuseline.reason': 'forced_open' }]]);
  });

  it('of a fallback is no error: the caller got an answer', async () => {
    dispatcher.react(answers(503));
    await client({ fallbacks: { 'things.get': () => ({}) } }).call(getThing, { id: 1 });
    const span = only();
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({ 'fuseline.source': 'fallback', 'http.response.status_code': 503 });
    expect(span.attributes).not.toHaveProperty('error.type');
    expect(events(span).at(-1)).toEqual(['fuseline.fallback_used', { 'fuseline.source': 'fallback', 'fuseline.cause': 'http_503' }]);
  });

  it('of the last good response says cache', async () => {
    dispatcher.react(answers(200), answers(503));
    const acme = client({ fallbacks: { 'things.get': lastGood() } });
    await acme.call(getThing, { id: 1 });
    await acme.call(getThing, { id: 1 });
    expect(exporter.getFinishedSpans()[1]?.attributes).toMatchObject({ 'fuseline.source': 'cache' });
  });

  it('of a call that was cancelled is marked, and no error', async () => {
    dispatcher.react(waits);
    const aborter = new AbortController();
    const call = errorOf(client().call(getThing, { id: 1 }, { signal: aborter.signal }));
    aborter.abort();
    await call;
    const span = only();
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({ 'fuseline.cancelled': true });
    expect(span.attributes).not.toHaveProperty('error.type');
    expect(span.attributes).not.toHaveProperty('fuseline.source');
    expect(events(span).at(-1)).toEqual(['fuseline.attempt.ended', { 'fuseline.attempt': 1, 'fuseline.cancelled': true }]);
  });

  it('of an error that is not ours names none of its text', async () => {
    dispatcher.react(answers(503));
    const fallback = (): never => {
      throw new Error('S3CRET');
    };
    await errorOf(client({ fallbacks: { 'things.get': fallback } }).call(getThing, { id: 1 }));
    const span = only();
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(JSON.stringify([span.status, span.attributes, events(span)])).not.toContain('S3CRET');
  });
});

describe('its place', () => {
  it('is below the span that is active where the call is made, whatever is active later', async () => {
    const tracer = trace.getTracer('test');
    const acme = client({ token: async () => 't' });
    await tracer.startActiveSpan('work', async (work) => {
      const call = acme.call(getThing, { id: 1 });
      await tracer.startActiveSpan('other', async (other) => {
        await call;
        other.end();
      });
      work.end();
    });
    const spans = new Map(exporter.getFinishedSpans().map((span) => [span.name, span]));
    expect(spans.get('GET /things/{id}')?.parentSpanContext?.spanId).toBe(spans.get('work')?.spanContext().spanId);
    expect(spans.get('GET /things/{id}')?.spanContext().traceId).toBe(spans.get('work')?.spanContext().traceId);
  });

  it('without an active span is the root of a trace', async () => {
    await client().call(getThing, { id: 1 });
    expect(only().parentSpanContext).toBeUndefined();
  });
});

describe('options', () => {
  it('a provider of its own', async () => {
    const own = new InMemorySpanExporter();
    const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(own)] });
    await client({ instrumentation: otel({ tracerProvider }) }).call(getThing, { id: 1 });
    expect([own.getFinishedSpans().length, exporter.getFinishedSpans().length]).toEqual([1, 0]);
  });

  it('the module itself, for bundles', async () => {
    await client({ instrumentation: otel({ api: await import('@opentelemetry/api') }) }).call(getThing, { id: 1 });
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });

  it.each([
    [{ tracerProvider: {} as OtelTracerProvider }, 'tracerProvider is an object, expected a TracerProvider'],
    [{ api: {} as never }, 'api is an object, expected the module @opentelemetry/api'],
  ])('%j is refused', (options, message) => {
    expect(() => otel(options)).toThrow(ConfigurationError);
    expect(() => otel(options)).toThrow(message);
  });
});

it('a span is ended whatever happens, also of calls that share a request', async () => {
  const acme = client({ coalesce: true, registry: new BreakerRegistry() });
  await Promise.all([1, 1, 1].map((id) => acme.call(getThing, { id })));
  expect(exporter.getFinishedSpans().map(({ ended }) => ended)).toEqual([true, true, true]);
});
