import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GhlClient } from '../../generated/ghl/index.js';
import { LyrioClient } from '../../generated/lyrio/index.js';
import { RetellClient } from '../../generated/retell/index.js';
import { SendGridClient } from '../../generated/sendgrid/index.js';
import { emitService } from '../../generator/emit/index.js';
import { clientInternals } from '../../runtime/call/client/service-client.js';
import { parseBreakers } from '../../runtime/config/index.js';
import { BreakerRegistry, type ServiceClient } from '../../runtime/index.js';
import { model, one } from '../generator/service.js';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const OPTIONS = { registry: new BreakerRegistry(), env: {}, environment: 'production' };
const CLIENTS: readonly ServiceClient[] = [
  new GhlClient(OPTIONS),
  new SendGridClient(OPTIONS),
  new RetellClient(OPTIONS),
  new LyrioClient(OPTIONS),
];

/** Operation ids of a client by the steps of their fallback. */
function fallbacksOf(client: ServiceClient): readonly (readonly [id: string, steps: unknown])[] {
  return clientInternals(client).operations.map(({ id }) => [id, client.describe(id).values.find(({ key }) => key === 'fallback')?.value]);
}

it('the shipped clients answer some reads with the last good response, and have no other fallback', () => {
  expect(README).toContain(
    'The four shipped clients answer some reads, such as `contacts.get`, with the\nlast good response; their other operations have none.',
  );
  const all = CLIENTS.flatMap(fallbacksOf);
  const answered = all.filter(([, steps]) => Array.isArray(steps) && steps.length > 0);
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.length).toBeLessThan(all.length / 2);
  expect(answered.map(([id]) => id)).toContain('contacts.get');
  expect(answered.filter(([, steps]) => (steps as { kind: string }[]).some(({ kind }) => kind !== 'lastGood'))).toEqual([]);
});

it('a freshly generated client has no fallback', async () => {
  expect(README).toContain('A freshly generated client has no fallback');
  const policies = parseBreakers('circuit_breaker:\n  services:\n    shop: {}\n', 'breakers.yaml').config?.service('shop').policies;
  const { files } = await emitService(await model({ 'shop.yaml': one({}) }), policies ?? {});
  expect(files.get('config.ts')).toContain('shopPolicies');
  expect(files.get('config.ts')).not.toContain('fallback');
});
