import { BreakerRegistry, type FuselineEvent } from 'fuseline';
import { type AdminAction, healthHandler } from 'fuseline/health';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test, vi } from 'vitest';

const ADMIN = 'admin-token-0123456789';
const onAction = vi.fn<(action: AdminAction) => void>();
/** Not a mock: one of vitest's looks after the promises that it returns. */
let audit: (action: AdminAction) => void;
let clock: FakeClock;
let registry: BreakerRegistry;
let post: (path: string, body?: string) => Promise<Response>;

beforeEach(() => {
  onAction.mockReset();
  audit = onAction;
  clock = new FakeClock(Date.UTC(2026, 1, 15, 12));
  registry = new BreakerRegistry({ clock });
  const handler = healthHandler({ registry, clock, token: false, adminToken: ADMIN, onAction: (action) => audit(action) });
  post = (path, body) =>
    handler(
      new Request(`http://localhost/circuit-breakers/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN}` },
        ...(body === undefined ? {} : { body }),
      }),
    );
});

const circuit = (name: string) => registry.obtain(name, name, { failureThreshold: 1 });
const trip = (name: string): void => circuit(name).exit(circuit(name).enter(clock.now()), 'failure', clock.now());

describe('POST /circuit-breakers', () => {
  test('/{name}/force-open refuses calls, and says so', async () => {
    const response = await post(`${encodeURIComponent(circuit('ghl@a/b#3').name)}/force-open`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      action: 'force_open',
      circuit: 'ghl@a/b#3',
      state: 'open',
      forced: 'open',
      timestamp: '2026-02-15T12:00:00Z',
    });
    await expect(circuit('ghl@a/b#3').call(() => 1)).rejects.toThrow('held open by hand');
    expect(onAction.mock.calls).toEqual([[{ action: 'force_open', circuit: 'ghl@a/b#3', at: Date.UTC(2026, 1, 15, 12) }]]);
  });

  test('/{name}/force-close lets calls through, /{name}/reset protects them again', async () => {
    trip('ghl');
    expect(await (await post('ghl/force-close')).json()).toMatchObject({ action: 'force_close', state: 'closed', forced: 'closed' });
    trip('ghl');
    expect(circuit('ghl').state).toBe('closed');
    expect(await (await post('ghl/reset')).json()).toMatchObject({ action: 'reset', state: 'closed', forced: null });
    trip('ghl');
    expect(circuit('ghl').state).toBe('open');
    expect(onAction.mock.calls.map(([{ action }]) => action)).toEqual(['force_close', 'reset']);
  });

  test('/reset-all closes every circuit', async () => {
    trip('ghl');
    circuit('retell').forceOpen();
    const response = await post('reset-all');
    expect(await response.json()).toEqual({ action: 'reset_all', circuits: 2, timestamp: '2026-02-15T12:00:00Z' });
    expect(registry.states()).toEqual({ ghl: 'closed', retell: 'closed' });
    expect(onAction.mock.calls).toEqual([[{ action: 'reset_all', circuit: '*', at: clock.wallNow() }]]);
  });

  test('a circuit may be called what a route is called', async () => {
    trip('reset-all');
    trip('ghl');
    expect((await post('reset-all/reset')).status).toBe(200);
    expect(registry.states()).toEqual({ 'reset-all': 'closed', ghl: 'open' });
  });

  test('is an event of the circuit, like any other change', async () => {
    circuit('ghl');
    const events: FuselineEvent[] = [];
    registry.subscribe((event) => events.push(event));
    await post('ghl/force-open');
    expect(events).toMatchObject([{ type: 'circuit_forced_open', circuit: 'ghl' }]);
  });

  test('of an unknown circuit is a 404 that makes none', async () => {
    const response = await post('nobody/force-open');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: 'not_found', message: expect.stringContaining('GET /health/circuit-breakers') });
    expect([registry.list(), onAction.mock.calls]).toEqual([[], []]);
  });

  test.each(['', '{}', ' { } \n'])('takes the body %j', async (body) => {
    circuit('ghl');
    expect((await post('ghl/reset', body)).status).toBe(200);
  });

  test.each(['{"seconds":60}', '[]', 'x', '{', 'null'])('refuses the body %j, and does nothing', async (body) => {
    circuit('ghl');
    for (const path of ['ghl/force-open', 'reset-all']) {
      const response = await post(path, body);
      expect([response.status, await response.json()]).toEqual([
        400,
        { error: 'bad_request', message: expect.stringContaining('no body') },
      ]);
    }
    expect([circuit('ghl').state, onAction.mock.calls]).toEqual(['closed', []]);
  });

  test('is done although the audit fails', async () => {
    circuit('ghl');
    audit = () => {
      throw new Error('disk full');
    };
    expect((await post('ghl/force-open')).status).toBe(200);
    audit = () => Promise.reject(new Error('disk full'));
    expect((await post('ghl/force-close')).status).toBe(200);
    expect(circuit('ghl').snapshot().forced).toBe('closed');
  });
});
