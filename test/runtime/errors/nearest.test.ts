import { expect, it } from 'vitest';
import { nearest } from '../../../runtime/errors/nearest.js';

it.each<[string, string[], string | undefined]>([
  ['failure_treshold', ['success_threshold', 'failure_threshold'], 'failure_threshold'],
  ['failureThreshold', ['success_threshold', 'failure_threshold'], 'failure_threshold'],
  ['FAILURE-THRESHOLD', ['failure_threshold'], 'failure_threshold'],
  ['contacts.gte', ['contacts.get', 'contacts.list'], 'contacts.get'],
  ['glh', ['ghl', 'retell'], 'ghl'],
  ['retry', ['reset'], undefined],
  ['entirely_different', ['failure_threshold', 'retry'], undefined],
  ['a', ['b', 'c'], 'b'],
  ['prod', ['standard', 'production'], 'production'],
  ['pro', ['production', 'products'], undefined],
  ['ab', ['cd'], undefined],
  ['', ['retry'], undefined],
  ['x'.repeat(10_000), ['y'.repeat(10_000)], undefined],
])('%s', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});
