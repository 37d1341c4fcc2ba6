import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll } from 'vitest';

export const exporter = new InMemorySpanExporter();

/** Registers the SDK for the tests of a file, as a program does at its start. Each test begins without spans. */
export function useGlobalSdk(): void {
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  });
  afterEach(() => exporter.reset());
  afterAll(() => {
    context.disable();
    propagation.disable();
    trace.disable();
  });
}

/** The only span of a test. */
export function only(): ReadableSpan {
  const [span, ...more] = exporter.getFinishedSpans();
  if (span === undefined || more.length > 0)
    throw new Error(`one span was expected, there are ${more.length + (span === undefined ? 0 : 1)}`);
  return span;
}
