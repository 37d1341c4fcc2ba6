import { ConfigurationError } from 'fuseline';
import type { AlertChannel, AlertConfig } from 'fuseline/alerts';
import { parseBreakers } from 'fuseline/config';
import { expect, it } from 'vitest';
import { Loopback } from '../../../support/loopback.js';
import { bench, recorder } from './recorder.js';

function config(alerts: string): AlertConfig {
  const { config: read } = parseBreakers(`circuit_breaker: {}\nalerts: ${alerts}\n`, 'b.yaml');
  if (read === undefined) throw new Error('it should load');
  return read;
}

it('other rules and another cooldown hold at once, and incidents go on', async () => {
  const { alerts, fail, succeed, told, clock, circuit } = bench();
  fail();
  await clock.advance(60_000);
  alerts.reconfigure(config('{ cooldown_seconds: 0, rules: { circuit_open_long: { after_seconds: 90 }, circuit_half_open: false } }'));
  await clock.advance(29_999);
  expect(await told()).toEqual(['circuit_open firing critical']);
  await clock.advance(1);
  expect((await told()).at(-1)).toBe('circuit_open_long firing critical');
  succeed();
  fail();
  circuit.reset();
  expect((await told()).slice(2)).toEqual([
    'circuit_recovered resolved info',
    'circuit_open firing critical',
    'circuit_recovered resolved info',
  ]);
});

it('a rate that is no longer asked for ends', async () => {
  const { alerts, fail, succeed, told, clock } = bench();
  for (let at = 0; at < 10; at++) {
    succeed(1);
    fail(1);
  }
  await clock.advance(15_000);
  alerts.reconfigure(config('{ rules: { low_success_rate: false } }'));
  expect(await told()).toEqual(['low_success_rate firing warning', 'circuit_recovered resolved info']);
});

it('a channel that is replaced still ends what the one before it told', async () => {
  const server = await Loopback.start();
  try {
    const yaml = config(`{ channels: { pager: { type: pagerduty, routing_key_env: KEY, endpoint: ${server.origin}/v2/enqueue } } }`);
    const { alerts, fail, circuit } = bench({ config: yaml, env: { KEY: 'k' } });
    fail();
    const first = JSON.parse(String((await server.request(1)).body)) as { dedup_key: string };
    alerts.reconfigure(yaml);
    circuit.reset();
    const second = JSON.parse(String((await server.request(2)).body)) as { dedup_key: string; event_action: string };
    expect(second).toMatchObject({ dedup_key: first.dedup_key, event_action: 'resolve' });
  } finally {
    await server.stop();
  }
});

it('the counts of a channel that stays go on, and a channel that is new counts from 0', async () => {
  const gates: (() => void)[] = [];
  const slow: AlertChannel = { name: 'slow', open: () => ({ send: () => new Promise((resolve) => gates.push(resolve)) }) };
  const lossy: AlertChannel = { name: 'lossy', maxAttempts: 1, open: () => ({ send: () => Promise.reject(new Error('down')) }) };
  const { alerts, fail, told, problems, circuit } = bench({ channels: [recorder(), slow, lossy] });
  const counts = () => alerts.status().channels.map(({ name, waiting, sent, lost }) => `${name} ${waiting} ${sent} ${lost}`);
  fail();
  await told();
  expect(counts()).toEqual(['recorder 0 1 0', 'slow 1 0 0', 'lossy 0 0 1']);
  for (let at = 0; at < 2; at++) alerts.reconfigure(config('{ cooldown_seconds: 1 }'));
  expect(counts()).toEqual(['recorder 0 1 0', 'slow 1 0 0', 'lossy 0 0 1']);
  gates[0]?.();
  await told();
  expect(counts()).toEqual(['recorder 0 1 0', 'slow 0 1 0', 'lossy 0 0 1']);
  circuit.reset();
  await told();
  expect(counts()).toEqual(['recorder 0 2 0', 'slow 1 1 0', 'lossy 0 0 2']);
  expect(problems.map(({ lost }) => lost)).toEqual([1, 2]);
});

it('one that cannot work changes nothing', async () => {
  const { alerts, fail, told } = bench();
  expect(() => alerts.reconfigure(config('{ channels: { ops: { type: slack, url_env: NOT_SET } } }'))).toThrow(ConfigurationError);
  fail();
  expect(await told()).toEqual(['circuit_open firing critical']);
});

it('what the replaced channel was still sending goes out, and then it is closed', async () => {
  let release = (): void => undefined;
  let closed = 0;
  const slow: AlertChannel = {
    name: 'slow',
    open: () => ({ send: () => new Promise<void>((resolve) => (release = resolve)), close: () => closed++ }),
  };
  const { alerts, fail, clock } = bench({ channels: [slow, recorder()] });
  fail();
  await clock.advance(0);
  alerts.reconfigure(config('{}'));
  await clock.advance(0);
  expect(closed).toBe(0);
  release();
  await clock.advance(0);
  expect(closed).toBe(1);
});
