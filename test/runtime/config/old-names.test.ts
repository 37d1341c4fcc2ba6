import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseBreakers } from '../../../runtime/config/index.js';
import { OLD_NAMES } from '../../../runtime/config/keys.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';
import { SETTINGS } from '../../../runtime/config/schema-settings.js';

const ghl = (settings: string): string => `circuit_breaker:\n  services:\n    ghl: { ${settings} }\n`;
const policy = (settings: string): object | undefined => {
  const { config } = parseBreakers(ghl(settings), 'b.yaml');
  return config && resolvePolicy(config.service('ghl').policies, { service: 'ghl' });
};
const messages = (text: string): readonly string[] => {
  const { draft, diagnostics } = parseBreakers(text, 'b.yaml');
  return [...diagnostics, ...(draft?.hints ?? [])].map(
    ({ severity, line, code, message, hint }) => `${line} ${severity} ${code} ${message} ${hint ?? ''}`,
  );
};

/** Settings with old names, and the same with the names that say their unit. */
const pairs: readonly (readonly [string, string])[] = [
  ['recovery_timeout: 30', 'recovery_timeout_seconds: 30'],
  ['reset_timeout: 30', 'recovery_timeout_seconds: 30'],
  ['retry: { base_delay: 2 }', 'retry: { base_delay_seconds: 2 }'],
  ['retry: { max_delay: 2 }', 'retry: { max_delay_seconds: 2 }'],
  ['retry: { max_retry_after: 2 }', 'retry: { max_retry_after_seconds: 2 }'],
  ['bulkhead: { max_wait: 2 }', 'bulkhead: { max_wait_seconds: 2 }'],
  ['bulkhead: { max_wait: false }', 'bulkhead: { max_wait_seconds: false }'],
  ['rate_limit: { max_wait: 0 }', 'rate_limit: { max_wait_seconds: 0 }'],
  ['adaptive: { recovery_timeout: { min: 10, max: 90 } }', 'adaptive: { recovery_timeout_seconds: { min: 10, max: 90 } }'],
];

describe('names of durations that do not say their unit', () => {
  it.each(pairs)('%s is %s, with a hint', (old, now) => {
    expect(policy(old)).toEqual(policy(now));
    expect(policy(now)).not.toEqual(policy(''));
    expect(messages(ghl(now))).toEqual([]);
    expect(parseBreakers(ghl(old), 'b.yaml').diagnostics).toEqual([]);
    expect(messages(ghl(old))).toEqual([
      expect.stringMatching(/^3 hint key-without-unit `\w+` is an old name .* `\w+_seconds` means the same\.$/),
    ]);
  });

  it('are all of the schema’s durations: no other key lacks a unit', () => {
    const known = new Set<string>();
    const visit = (properties: object): void => {
      for (const [key, schema] of Object.entries(properties)) {
        known.add(key);
        if (typeof schema === 'object' && schema !== null && 'properties' in schema) visit(schema.properties as object);
        const { description = '' } = schema as { readonly description?: string };
        if (/in seconds/.test(description) && !(schema as { deprecated?: boolean }).deprecated) expect(key).toMatch(/_seconds$/);
      }
    };
    visit(SETTINGS);
    for (const [old, now] of Object.entries(OLD_NAMES)) expect([known.has(old), known.has(now)]).toEqual([true, true]);
  });

  it('are hinted at once, however often a file has them', () => {
    const text =
      'circuit_breaker:\n  defaults: { recovery_timeout: 5 }\n  services:\n    a: { recovery_timeout: 6 }\n    b: { reset_timeout: 7 }\n';
    expect(messages(text).map((message) => message.slice(0, 40))).toEqual([
      '2 hint key-without-unit `recovery_timeou',
      '5 hint key-without-unit `reset_timeout` ',
    ]);
  });

  it('may stand beside the new name if both agree; otherwise both places are named', () => {
    expect(policy('recovery_timeout: 30, recovery_timeout_seconds: 30')).toEqual(policy('recovery_timeout_seconds: 30'));
    const text = 'circuit_breaker:\n  services:\n    ghl:\n      retry:\n        base_delay_seconds: 1\n        base_delay: 2\n';
    expect(messages(text)).toEqual([
      '6 error conflicting-keys `base_delay` and `base_delay_seconds` (line 5) are two names of one setting with different values, expected only one of them. ',
      expect.stringContaining('6 hint key-without-unit'),
    ]);
  });

  it.each(['specs/breakers.yaml', 'examples/breakers/gentler.yaml'])('are not in %s', async (file) => {
    const text = await readFile(new URL(`../../../${file}`, import.meta.url), 'utf8');
    expect(parseBreakers(text, file).draft?.hints).toEqual([]);
  });

  it('are never suggested: a misspelt one gets the new name', () => {
    expect(messages(ghl('recovery_timout: 5'))).toEqual([expect.stringContaining('Did you mean `recovery_timeout_seconds`?')]);
    expect(messages(ghl('max_delay: 5'))).toEqual([expect.stringContaining('retry: { max_delay_seconds: … }')]);
    expect(messages(ghl('bulkhead: { xyz: 5 }'))[0]).toMatch(/Known here: max_concurrent, max_queue, max_wait_seconds\. *$/);
  });

  it('are deprecated in the schema that editors read', () => {
    expect(SETTINGS.recovery_timeout).toMatchObject({ deprecated: true, deprecationMessage: 'Write recovery_timeout_seconds.' });
    expect(SETTINGS.recovery_timeout).not.toHaveProperty('default');
    expect(SETTINGS.recovery_timeout_seconds).not.toHaveProperty('deprecated');
  });
});
