import { inspect } from 'node:util';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SecurityDescriptor, ServiceClient } from 'fuseline';
import { otel } from 'fuseline/otel';
import { afterEach, describe, expect, it } from 'vitest';
import { AT_ONCE, testClient } from '../../../support/client.js';
import { everything } from '../../../support/everything.js';
import { answers, breaks, InMemory, type Reaction } from '../../../support/in-memory.js';

const exporter = new InMemorySpanExporter();
const instrumentation = otel({ tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }) });
afterEach(() => exporter.reset());

const params = { id: 'S3CRET-path', q: 'S3CRET-query', session: 'S3CRET-cookie', body: { text: 'S3CRET-body' } };
const headers = { 'content-type': 'application/json', 'set-cookie': 'S3CRET-cookie', 'x-request-id': 'S3CRET-request-id' };
const body = { message: 'S3CRET-answer' };

const SECURITY: readonly (readonly [string, readonly SecurityDescriptor[]])[] = [
  ['bearer', [{ type: 'bearer' }]],
  ['basic', [{ type: 'basic' }]],
  ['a key in the query', [{ type: 'apiKey', in: 'query', name: 'key' }]],
];
const OUTCOMES: readonly (readonly [string, readonly Reaction[]])[] = [
  ['a success', [answers(200, body, headers)]],
  ['404', [answers(404, body, headers)]],
  ['503, again and again', [answers(503, body, headers)]],
  ['a page', [answers(200, '<html>S3CRET-answer', { ...headers, 'content-type': 'text/html' })]],
  ['half a document', [answers(200, '{"a":"S3CRET-answer', headers)]],
  ['a broken connection', [breaks(Object.assign(new Error('S3CRET-socket'), { code: 'ECONNRESET', data: 'S3CRET-data' }))]],
];

describe.each(SECURITY)('with %s', (_, security) => {
  const client = (reactions: readonly Reaction[]): ServiceClient =>
    testClient(
      {
        baseUrl: 'https://acme.test/v1',
        token: 'S3CRET-token',
        credentials: { username: 'ann', password: 'S3CRET-password' },
        headers: { 'X-Tenant': 'S3CRET-tenant' },
        dispatcher: new InMemory(...reactions),
        instrumentation,
        retry: AT_ONCE,
        breaker: { failureThreshold: 2, recoveryTimeoutMs: 600_000 },
      },
      { security, operations: { everything } },
    );

  it.each(OUTCOMES)('%s leaves no secret in a span', async (__, reactions) => {
    const acme = client(reactions);
    for (let turn = 0; turn < 2; turn++) await acme.call(everything, params, { headers: { 'X-Call': 'S3CRET-header' } }).result();
    const spans = exporter.getFinishedSpans();
    expect(spans).toHaveLength(2);
    for (const { name, attributes, events, status, links } of spans) {
      const text = inspect({ name, attributes, events, status, links }, { depth: 10, maxArrayLength: null });
      expect(text).not.toContain('S3CRET');
      expect(name).toBe('PUT /things/{id}');
    }
  });
});
