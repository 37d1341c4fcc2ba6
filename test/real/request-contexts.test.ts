import { healthHandler } from 'fuseline/health';
import { logEvents } from 'fuseline/logging';
import { beforeEach, describe, expect, test } from 'vitest';
import { inOps, Notes } from './notes.js';
import { tenant } from './tenants.js';

let notes: Notes;

beforeEach(() => {
  notes = new Notes();
});

describe('what belongs to a request or a call runs in its context', () => {
  test('health: metrics, routes, a monitor, and what is told of actions and errors', async () => {
    notes.circuit();
    const health = inOps(() =>
      healthHandler({
        registry: notes.registry,
        token: false,
        adminToken: 'an-admin-token-of-tests',
        metrics: () => {
          notes.note('metrics');
          return { contentType: 'text/plain', body: '' };
        },
        monitor: {
          status: () => {
            notes.note('monitor');
            return { status: 'unknown', allHealthy: false, monitoring: false, services: {} };
          },
        },
        routes: [
          {
            method: 'GET',
            path: '/broken',
            permission: 'none',
            handle: async () => {
              notes.note('route');
              throw new Error('broken');
            },
          },
        ],
        onAction: () => notes.note('onAction'),
        onError: () => notes.note('onError'),
      }),
    );
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      tenant.run(path, () =>
        health(new Request(`http://localhost${path}`, { headers: { authorization: 'Bearer an-admin-token-of-tests' }, ...init })),
      );
    const reset = '/circuit-breakers/rates/reset';
    const answers = await Promise.all([ask('/metrics'), ask('/health/dependencies'), ask('/broken'), ask(reset, { method: 'POST' })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 500, 200]);
    expect(new Set(notes.entries.map(({ what, found }) => `${what} in ${found}`))).toEqual(
      new Set(['metrics in /metrics', 'monitor in /health/dependencies', 'route in /broken', 'onError in /broken', `onAction in ${reset}`]),
    );
  });

  test('a logger: in the context of the call that caused the event', async () => {
    const log = (): void => notes.note('log');
    using _ = inOps(() => logEvents(notes.registry, { debug: log, info: log, warn: log, error: log }));
    await notes.opens();
    expect(notes.entries.length).toBeGreaterThan(1);
    expect(notes.contextsOf('log')).toEqual(new Set(['ana']));
  });
});
