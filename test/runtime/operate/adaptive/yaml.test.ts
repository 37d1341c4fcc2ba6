import { afterEach, describe, expect, it } from 'vitest';
import { BreakerRegistry, type FuselineEvent } from '../../../../runtime/index.js';
import { adaptThresholds } from '../../../../runtime/operate/adaptive/index.js';
import { watchBreakers } from '../../../../runtime/operate/configuration.js';
import { logRecord } from '../../../../runtime/operate/logging/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { getThing, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MemoryFile } from '../watch/memory-file.js';

const clock = new FakeClock();
const closing: { stop?(): void; close?(): void }[] = [];

afterEach(() => {
  for (const each of closing.splice(0)) each.stop?.() ?? each.close?.();
});

/** A client whose settings come from a file, under a controller that was told nothing else. */
async function started(settings: string) {
  const registry = new BreakerRegistry({ clock });
  const events: FuselineEvent[] = [];
  registry.subscribe((event) => events.push(event));
  const transport = new InMemory(answers(200));
  const client = testClient({ registry, clock, dispatcher: transport, retry: false }, { baseUrl: 'https://acme.example' });
  const file = new MemoryFile(yaml(settings));
  const watcher = watchBreakers({ file: 'b.yaml', source: file, clients: client, clock });
  await watcher.ready;
  expect(watcher.error).toBeUndefined();
  const controller = adaptThresholds(registry, { clock, intervalMs: 1_000 });
  closing.push(controller, watcher);
  const calls = async (count: number, status: number): Promise<void> => {
    transport.react(answers(status));
    for (let at = 0; at < count; at++) await client.call(getThing, { id: 1 }).catch(() => undefined);
  };
  const reload = async (text: string): Promise<void> => {
    file.text = yaml(text);
    await watcher.check();
    expect(watcher.error).toBeUndefined();
  };
  return { client, calls, reload, threshold: () => client.breaker().options.failureThreshold, events };
}

const yaml = (settings: string): string => `circuit_breaker: { services: { acme: { failure_threshold: 5, ${settings} } } }`;
const APPLY = 'adaptive: { mode: apply, minimum_calls: 20, failure_threshold: { min: 2, max: 9 } }';

describe('adaptive thresholds of the file', () => {
  it('hold for the circuits of the service, and end where a reload takes them away', async () => {
    const { calls, reload, threshold, events } = await started(APPLY);
    await calls(30, 200);
    await clock.advance(1_000);
    expect(threshold()).toBe(4);
    await reload('');
    await clock.advance(1_000);
    expect(threshold()).toBe(5);
    const told = events.flatMap((event) => ('setting' in event ? [`${event.oldValue} ${event.newValue} ${event.reason}`] : []));
    expect(told).toEqual(['5 4 normal_failure_rate', '4 5 restored']);
  });

  it('survive a reload that changes something else, and a client that is made after it', async () => {
    const { client, calls, reload, threshold } = await started(APPLY);
    await calls(30, 200);
    await clock.advance(1_000);
    await reload(`${APPLY}, timeout_seconds: 7`);
    await calls(1, 200);
    expect(threshold()).toBe(4);
    expect(client.circuits).toHaveLength(1);
    await clock.advance(1_000);
    expect(threshold()).toBe(3);
  });

  it('begin anew where a reload configures another value, or draws the bounds closer', async () => {
    const { calls, reload, threshold } = await started(APPLY);
    await calls(30, 200);
    await clock.advance(2_000);
    expect(threshold()).toBe(3);
    await reload('adaptive: { mode: apply, minimum_calls: 500, failure_threshold: { min: 4, max: 9 } }');
    expect(threshold()).toBe(3);
    await clock.advance(1_000);
    expect(threshold()).toBe(5);
    await reload(`${APPLY}, recovery_timeout_seconds: 7`);
    expect(threshold()).toBe(5);
  });

  it('are weaker than the options of the code, and off is off', async () => {
    const { calls, threshold } = await started(APPLY.replace('{ mode', '{ enabled: false, mode'));
    await calls(30, 200);
    await clock.advance(2_000);
    expect(threshold()).toBe(5);
  });
});

it('a log record has the values in the unit of the rest: seconds', () => {
  const event = {
    type: 'threshold_adapted',
    circuit: 'ghl',
    service: 'ghl',
    at: 0,
    setting: 'recoveryTimeoutMs',
    oldValue: 1_500,
    newValue: 2_000,
    reason: 'failed_probes',
    calls: 12,
  } as const;
  expect(logRecord(event)).toEqual({
    event: 'threshold_adapted',
    circuit_breaker: 'ghl',
    service: 'ghl',
    timestamp: '1970-01-01T00:00:00.000Z',
    setting: 'recovery_timeout',
    old_value: 1.5,
    new_value: 2,
    reason: 'failed_probes',
    calls: 12,
  });
  expect(logRecord({ ...event, setting: 'failureThreshold', oldValue: 5, newValue: 6 })).toMatchObject({
    setting: 'failure_threshold',
    old_value: 5,
    new_value: 6,
  });
});
