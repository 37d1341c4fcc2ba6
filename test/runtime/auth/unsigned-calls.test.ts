import { circuitBreakersReport, dependenciesReport } from 'fuseline/health';
import { collectMetrics } from 'fuseline/metrics';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Journal } from '../../../runtime/operate/dashboard/journal.js';
import { rowOf } from '../../../runtime/operate/dashboard/row.js';
import { Selection } from '../../../runtime/operate/dashboard/selection.js';
import { Traffic } from '../../../runtime/operate/dashboard/traffic.js';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { MetricsText } from '../../support/metrics-text.js';
import { SignInWorld } from './fixture.js';

test.each([
  ['a dead refresh token', (world: SignInWorld) => world.sign({ refreshToken: 'dead' })],
  ['a token function that throws', () => () => Promise.reject(new Error('no vault'))],
])('calls that get no token because of %s are counted by cause, and not by the circuit', async (_, tokenOf) => {
  const world = new SignInWorld();
  const { registry, clock } = world;
  const register = new Registry();
  collectMetrics({ register, registry });
  const service = new InMemory(answers(503), answers(200, {}));
  let token: string | undefined = 'good';
  const source = tokenOf(world);
  const failing = typeof source === 'function' ? source : () => source.get();
  const client = testClient({
    baseUrl: 'http://api.test',
    token: () => token ?? failing(),
    registry,
    clock,
    dispatcher: service,
    retry: false,
  });
  const call = () => client.call(getThing, { id: '1' });
  await errorOf(call());
  token = undefined;
  for (let times = 0; times < 6; times++) {
    await clock.advance(1_000);
    expect(await errorOf(call())).toMatchObject({ kind: 'sign_in' });
  }
  expect(service.requests).toHaveLength(1);

  const metrics = await MetricsText.of(register);
  const failures = (cause: string): number => metrics.value('circuit_breaker_attempt_failures_total', { service: 'acme', cause });
  expect([failures('http_503'), failures('sign_in')]).toEqual([1, 6]);
  expect(metrics.value('circuit_breaker_failures_total', { service: 'acme' })).toBe(1);
  expect(metrics.value('circuit_breaker_attempts_total', { service: 'acme' })).toBe(1);

  const circuit = client.breaker();
  const traffic = new Traffic(new Selection(registry, clock, 100), clock);
  expect(rowOf(circuit, { journal: new Journal(registry), traffic, clock }).errors).toEqual([['sign_in', 6, clock.wallNow()]]);

  const { circuit_breakers } = circuitBreakersReport(registry, clock);
  expect(circuit_breakers[circuit.name]?.stats).toMatchObject({ failed_requests: 1, sign_in_failures: 6 });
  const { dependencies } = dependenciesReport({ registry, clock });
  expect(dependencies['acme']?.circuits[circuit.name]).toMatchObject({ sign_in_failures: 6 });
});
