import { collectMetrics } from 'fuseline/metrics';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { errorOf } from '../../support/client.js';
import { answers } from '../../support/in-memory.js';
import { MetricsText } from '../../support/metrics-text.js';
import { SignInWorld } from './fixture.js';

test('renewals are counted by result under the name of the sign-in, and the counts outlive their collection', async () => {
  const world = new SignInWorld();
  const other = new SignInWorld();
  const register = new Registry();
  collectMetrics({ register, registry: world.registry });
  const second = collectMetrics({ register, registry: other.registry });
  const counts = async (): Promise<readonly number[]> => {
    const text = await MetricsText.of(register);
    const of = (result: string): number => text.value('circuit_breaker_token_renewals_total', { service: 'sign-in', result });
    return [of('refreshed'), of('expired'), of('refused')];
  };
  expect((await MetricsText.of(register)).all('circuit_breaker_token_renewals_total')).toEqual([]);
  await world.sign().get();
  expect(await counts()).toEqual([1, 0, 0]);
  other.first.push(answers(400, { error: 'invalid_grant' }));
  await errorOf(Promise.resolve(other.sign().get()));
  expect(await counts()).toEqual([1, 1, 0]);
  second.unregister();
  expect(await counts()).toEqual([1, 1, 0]);
});
