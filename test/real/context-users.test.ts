import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BreakerRegistry, type ServiceClient } from 'fuseline';
import { logEvents } from 'fuseline/logging';
import pino, { type Logger } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, getThing, testClient } from '../support/client.js';
import { json, Loopback } from '../support/loopback.js';
import { TENANTS } from './tenants.js';

let server: Loopback;
let registry: BreakerRegistry;

beforeEach(async () => {
  server = await Loopback.start();
  registry = new BreakerRegistry();
  // The first request of each tenant fails, so that each call has a retry.
  const seen = new Set<string>();
  server.answer((response, request) => {
    const again = seen.has(request.url);
    seen.add(request.url);
    json({}, again ? 200 : 503)(response, request);
  });
});

afterEach(() => server.stop());

const client = (): ServiceClient =>
  testClient({ baseUrl: server.origin, registry, token: 't', retry: AT_ONCE, breaker: { failureThreshold: 99 } });

describe('R1 what else keeps things in async contexts', () => {
  test('OpenTelemetry: what follows undici`s requests finds the context of the call, at each attempt', async () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    const key = createContextKey('request');
    const found: [path: string, request: unknown][] = [];
    const onCreate = (message: unknown): void => {
      const { request } = message as { readonly request: { readonly path: string } };
      found.push([request.path, context.active().getValue(key)]);
    };
    subscribe('undici:request:create', onCreate);
    try {
      const acme = client();
      await Promise.all(TENANTS.map((name) => context.with(ROOT_CONTEXT.setValue(key, name), () => acme.call(getThing, { id: name }))));
    } finally {
      unsubscribe('undici:request:create', onCreate);
      context.disable();
    }
    expect(found).toHaveLength(6);
    expect(found.filter(([path, name]) => path !== `/things/${name}`)).toEqual([]);
  });

  test('pino: a child logger of the store writes the request id of the call that caused the event', async () => {
    const lines: { readonly requestId?: string; readonly event?: string }[] = [];
    const root = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
    const loggers = new AsyncLocalStorage<Logger>();
    const logger = {
      debug: (...args: Parameters<Logger['debug']>) => (loggers.getStore() ?? root).debug(...args),
      info: (...args: Parameters<Logger['info']>) => (loggers.getStore() ?? root).info(...args),
      warn: (...args: Parameters<Logger['warn']>) => (loggers.getStore() ?? root).warn(...args),
      error: (...args: Parameters<Logger['error']>) => (loggers.getStore() ?? root).error(...args),
    };
    const logging = logEvents(registry, logger);
    try {
      const acme = client();
      const call = (name: string): Promise<unknown> =>
        loggers.run(root.child({ requestId: name }), () => acme.call(getThing, { id: name }));
      await Promise.all(TENANTS.map(call));
    } finally {
      logging.unsubscribe();
    }
    expect(lines.length).toBeGreaterThanOrEqual(6);
    for (const name of TENANTS) expect(lines.filter(({ requestId }) => requestId === name)).toHaveLength(lines.length / 3);
  });
});
