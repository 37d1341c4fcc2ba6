import { context, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { type CallInfo, ConfigurationError, type Instrumentation } from 'fuseline';
import { otel } from 'fuseline/otel';
import { afterEach, expect, it } from 'vitest';
import { loadApi } from '../../../../runtime/operate/otel/api.js';
import { getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';

afterEach(() => {
  trace.disable();
  propagation.disable();
  context.disable();
});

const info: CallInfo = {
  service: 'acme',
  operation: 'things.get',
  circuit: 'acme',
  method: 'GET',
  pathTemplate: '/things/{id}',
  origin: 'https://acme.test',
};

it('without an SDK no call is followed', () => {
  expect(otel().callStarted(info)).toBeUndefined();
});

it('with a propagator alone the context goes on', () => {
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const active = trace.setSpanContext(context.active(), parent);
  context.setGlobalContextManager({
    active: () => active,
    with: (_, fn, self, ...args) => fn.call(self, ...args),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  const followed = otel().callStarted(info);
  expect(followed?.attemptStarted(1)).toEqual({ traceparent: `00-${parent.traceId}-${parent.spanId}-01` });
});

it('a provider that is registered later is the one that is used', async () => {
  const instrumentation: Instrumentation = otel();
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  const dispatcher = new InMemory(answers(200));
  await testClient({ baseUrl: 'https://acme.test', token: 't', dispatcher, instrumentation }).call(getThing, { id: 1 });
  expect(exporter.getFinishedSpans()).toHaveLength(1);
});

it('without the package there is one clear error', () => {
  const missing = (name: string): never => {
    throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
  };
  expect(() => loadApi(missing)).toThrow(ConfigurationError);
  expect(() => loadApi(missing)).toThrow(
    'the package @opentelemetry/api is "not to be found", expected version 1.9 or newer. Install it (npm install @opentelemetry/api), or give it as `api` if a bundler hides it.',
  );
});

it.each(['startSpan', 'isRecording', 'addEvent', 'setAttributes', 'end'] as const)(
  'a tracer whose %s throws changes no call',
  async (method) => {
    let calls = 0;
    const fails = (name: string) => (): unknown => {
      if (name !== method) return name === 'startSpan' ? span : true;
      calls++;
      throw new Error('broken tracer');
    };
    const span = Object.fromEntries(['isRecording', 'addEvent', 'setAttributes', 'setStatus', 'end'].map((name) => [name, fails(name)]));
    const tracerProvider = { getTracer: () => ({ startSpan: fails('startSpan') }) } as never;
    const acme = testClient({
      baseUrl: 'https://acme.test',
      token: 't',
      dispatcher: new InMemory(answers(200)),
      instrumentation: otel({ tracerProvider }),
    });
    expect(await acme.call(getThing, { id: '1' })).toEqual({});
    expect(calls).toBeGreaterThan(0);
  },
);
