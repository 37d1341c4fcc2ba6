import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCENARIO_SCHEMA } from '../../../generator/simulator/scenario/schema.js';
import { BREAKERS_SCHEMA } from '../../../runtime/config/schema.js';
import { schemaCheck } from '../../../runtime/config/schema-check.js';

/** What the findings are made from. Ajv tells more of one value; the first error of each decides. */
function told(errors: readonly (ErrorObject | ReturnType<ReturnType<typeof schemaCheck>>[number])[]): ReadonlySet<string> {
  const about = errors.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'propertyNames');
  return new Set(
    about.map(({ instancePath, params, propertyName, keyword }) => {
      const { additionalProperty, missingProperty } = params as Record<string, string | undefined>;
      const isValue = additionalProperty === undefined && missingProperty === undefined;
      return JSON.stringify([instancePath, additionalProperty, missingProperty, propertyName, isValue ? 'value' : keyword]);
    }),
  );
}

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  '',
  'x'.repeat(81),
  'ghl',
  '5xx',
  'GET',
  '__proto__',
  -1,
  0,
  0.0001,
  1,
  1.5,
  5,
  600,
  86_401,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  [],
  [1, 1],
  ['a', 'a'],
  [503, 'x'],
  {},
  { toString: 1 },
  { 'a/b~c': {} },
];

/** The paths of all values. */
function* paths(data: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  yield path;
  if (typeof data === 'object' && data !== null) for (const [key, value] of Object.entries(data)) yield* paths(value, [...path, key]);
}

/** A copy with another value, key or both. */
function changed(data: unknown, path: readonly string[], value: unknown, key: string | undefined): unknown {
  const copy = structuredClone(data);
  const [last] = path.slice(-1);
  const holder = path.slice(0, -1).reduce((at, step) => (at as Record<string, unknown>)[step], copy) as Record<string, unknown>;
  if (last === undefined) return key === undefined ? value : { [key]: value };
  if (key === undefined) holder[last] = value;
  else holder[key] = holder[last] ?? value;
  return copy;
}

const file = (path: string): unknown => parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));

describe.each<[string, object, readonly unknown[]]>([
  ['the breaker YAML', BREAKERS_SCHEMA, [file('specs/breakers.yaml'), file('examples/breakers/gentler.yaml')]],
  [
    'a scenario',
    SCENARIO_SCHEMA,
    ['brownout', 'flapping', 'full-outage', 'rate-limited', 'slow-vendor'].map((name) => file(`examples/scenarios/${name}.yaml`)),
  ],
])('the check of %s finds what ajv finds', (_, schema, files) => {
  const check = schemaCheck(schema);
  const validate = new Ajv({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    keywords: ['errorMessage', 'deprecationMessage'],
  }).compile(schema);
  const same = (data: unknown): void => {
    const valid = validate(data);
    const found = check(data);
    expect(found.length === 0).toBe(valid);
    expect(told(found)).toEqual(told(validate.errors ?? []));
  };

  it('in the files as they are, and in values of any kind', () => {
    for (const data of [...files, ...VALUES]) same(data);
  });

  it('in files in which something is changed', () => {
    const places = files.flatMap((data) => [...paths(data)].map((path) => ({ data, path })));
    const key = fc.constantFrom(
      undefined,
      'failure_threshold',
      'timeout_seconds',
      'fallback',
      'retry',
      'no such key',
      '__proto',
      'ghl',
      '',
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(...VALUES), key, ({ data, path }, value, name) =>
        same(changed(data, path, value, name)),
      ),
      { numRuns: 2_000 },
    );
  });
});

it('a schema with a keyword that it does not know is refused', () => {
  expect(() => schemaCheck({ properties: { a: { multipleOf: 2 } } })).toThrow('no check of the keyword multipleOf of a schema');
});
