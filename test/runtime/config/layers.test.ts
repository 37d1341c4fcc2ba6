import { describe, expect, it } from 'vitest';
import { POLICY_DEFAULTS } from '../../../runtime/config/defaults.js';
import { explainLayers, layersOf, mergeLayers, resolvePolicy } from '../../../runtime/config/layers.js';
import type { ServicePolicies } from '../../../runtime/config/types.js';

/** Each layer sets `failureThreshold` to its own rank. */
const rank = (failureThreshold: number) => ({ failureThreshold });
const policies: ServicePolicies = {
  defaults: rank(1),
  preset: { name: 'llm', values: rank(2) },
  service: rank(3),
  resources: { contacts: rank(4), calls: rank(40) },
  operations: { 'contacts.get': rank(5), 'contacts.list': rank(50) },
  environments: {
    test: { defaults: rank(6), service: rank(7), resources: { contacts: rank(8) }, operations: { 'contacts.get': rank(9) } },
    empty: {},
  },
};
const operation = { service: 'ghl', namespace: 'contacts', id: 'contacts.get' };

describe('layersOf', () => {
  it('weakest first, through every level', () => {
    const env = { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '10', GHL_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '11' };
    expect(
      layersOf(policies, { ...operation, environment: 'test', env }).map(({ origin, values }) => [values.failureThreshold, origin]),
    ).toEqual([
      [5, 'built-in default'],
      [1, 'defaults'],
      [2, 'preset llm'],
      [3, 'service ghl'],
      [4, 'resource contacts'],
      [5, 'operation contacts.get'],
      [6, 'environments.test: defaults'],
      [7, 'environments.test: service ghl'],
      [8, 'environments.test: resource contacts'],
      [9, 'environments.test: operation contacts.get'],
      [10, 'environment variable CIRCUIT_BREAKER_FAILURE_THRESHOLD'],
      [11, 'environment variable GHL_CIRCUIT_BREAKER_FAILURE_THRESHOLD'],
    ]);
  });

  it.each([
    ['no environment', { ...operation }, 5],
    ['an unknown environment', { ...operation, environment: 'staging' }, 5],
    ['an empty environment', { ...operation, environment: 'empty' }, 5],
    ['an inherited name as environment', { ...operation, environment: 'constructor' }, 5],
    ['inherited names', { service: 'ghl', namespace: 'constructor', id: 'toString' }, 3],
    ['the service alone', { service: 'ghl' }, 3],
    ['a namespace', { service: 'ghl', namespace: 'calls' }, 40],
    ['an operation of its own', { ...operation, id: 'contacts.list' }, 50],
    ['another operation', { ...operation, id: 'contacts.search' }, 4],
    ['the service in an environment', { service: 'ghl', environment: 'test' }, 7],
  ])('%s', (_, query, expected) => {
    expect(resolvePolicy(policies, query).failureThreshold).toBe(expected);
  });
});

describe('mergeLayers', () => {
  it('of nothing but defaults is the guides’ defaults, with twice the attempt timeout as total', () => {
    expect(resolvePolicy({}, { service: 'ghl' })).toEqual({ ...POLICY_DEFAULTS, totalTimeoutMs: 120_000 });
  });

  it.each([
    [{ timeoutMs: 5_000 }, 10_000],
    [{ timeoutMs: null }, null],
    [{ timeoutMs: 5_000, totalTimeoutMs: 7_000 }, 7_000],
    [{ timeoutMs: 5_000, totalTimeoutMs: null }, null],
  ])('the total of %j is %s', (service, expected) => {
    expect(resolvePolicy({ service }, { service: 'ghl' }).totalTimeoutMs).toBe(expected);
  });

  it('an undefined value is no value', () => {
    const layers = [
      { origin: 'a', values: { ...POLICY_DEFAULTS, failureThreshold: 2 } },
      { origin: 'b', values: Object.fromEntries([['failureThreshold', undefined]]) },
    ];
    expect(mergeLayers(layers).failureThreshold).toBe(2);
    expect(explainLayers(layers).find(({ key }) => key === 'failureThreshold')?.origin).toBe('a');
  });

  it('lists and falsy values replace, they do not merge', () => {
    const merged = resolvePolicy(
      { defaults: { failureStatuses: [500, 503], jitter: true }, service: { failureStatuses: [], jitter: false } },
      { service: 'x' },
    );
    expect(merged).toMatchObject({ failureStatuses: [], jitter: false });
  });
});

describe('explainLayers', () => {
  it('names the layer of each value, and the derived total', () => {
    const rows = new Map(explainLayers(layersOf(policies, operation)).map(({ key, value, origin }) => [key, [value, origin]]));
    expect(rows.size).toBe(Object.keys(POLICY_DEFAULTS).length + 1);
    expect(rows.get('failureThreshold')).toEqual([5, 'operation contacts.get']);
    expect(rows.get('timeoutMs')).toEqual([60_000, 'built-in default']);
    expect(rows.get('totalTimeoutMs')).toEqual([120_000, 'derived: 2 × the attempt timeout']);
  });
});
