import { BulkheadFullError, CircuitOpenError, RequestError, TimeoutError } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { HttpError } from '../../../runtime/errors/http-error.js';
import type { Outcome } from '../../../runtime/policies/stage.js';
import { outcomeOf, RunFailure } from '../../../runtime/protect/run-failure.js';
import { CURRENT, userFunction } from '../../../runtime/user-code.js';
import { flowOf } from '../policies/flow.js';

const PLACE = { service: 's', operation: 'o' };
const fault = new Error('down');

type When = (error: unknown, attempts: number) => boolean;

const failureOf = (error: unknown, { outcome = 'failure', when }: { outcome?: Outcome; when?: When } = {}): RunFailure =>
  new RunFailure(error, outcome, false, flowOf({}, { attempts: 2 }), when === undefined ? undefined : userFunction(when));

const http = (status: number): HttpError =>
  new HttpError(status, { ...PLACE, method: 'GET', path: '/', body: undefined, headers: {}, retryAfterMs: undefined });

describe('what a run that failed says to the policies', () => {
  test('of any error: it was no refusal, and it may have reached the service', () => {
    expect(failureOf(fault)).toMatchObject({ error: fault, outcome: 'failure', timedOut: false, refused: false, neverSent: false });
  });

  test.each([
    [fault, 'error', false],
    [http(503), 'http_503', false],
    [http(429), 'http_429', true],
    ['text', 'error', false],
  ])('%s: cause and throttling', (error, cause, throttled) => {
    expect(failureOf(error)).toMatchObject({ cause, throttled });
  });

  test.each<[unknown, number | undefined]>([
    [{ retryAfterMs: 1 }, 1],
    [{ retryAfterMs: 0 }, undefined],
    [{ retryAfterMs: '5' }, undefined],
    [undefined, undefined],
  ])('%j: asks for a wait of %s', (error, waitMs) => {
    expect(failureOf(error).waitMs).toBe(waitMs);
  });

  test('a fallback answers unless the error is an answer', () => {
    const outcomes: readonly Outcome[] = ['failure', 'released', 'ignored'];
    expect(outcomes.map((outcome) => failureOf(fault, { outcome }).answerable)).toEqual([true, true, false]);
  });
});

describe('whether another run can help', () => {
  test.each<[string, unknown, Outcome, boolean]>([
    ['a failure', fault, 'failure', true],
    ['a timeout', new TimeoutError(PLACE, 'attempt', 1, 'waiting'), 'failure', true],
    ['an error that does not count', fault, 'ignored', false],
    ['a refusal inside', fault, 'released', false],
    ['an input that is wrong', new RequestError(PLACE, 'a parameter is missing'), 'failure', false],
  ])('%s', (_, error, outcome, transient) => {
    expect(failureOf(error, { outcome }).transient).toBe(transient);
  });

  test('`when` decides instead, is asked once, and is told the error and the runs so far', () => {
    const asked: unknown[] = [];
    const when =
      (answer: unknown): When =>
      (...args) => {
        asked.push(args);
        return answer as boolean;
      };
    const helps = failureOf(fault, { outcome: 'ignored', when: when(true) });
    expect([helps.transient, helps.transient, asked]).toEqual([true, true, [[fault, 2]]]);
    expect(failureOf(fault, { when: when(false) }).transient).toBe(false);
    expect(failureOf(fault, { when: when('yes') }).transient, 'a yes is true and nothing else').toBe(false);
  });
});

describe('what the circuit counts', () => {
  const judge = (error: unknown, isFailure?: (error: unknown) => boolean): Outcome =>
    outcomeOf(CURRENT, error, isFailure === undefined ? undefined : userFunction(isFailure));

  test('an error is a failure, unless `isFailure` says no; an answer that is none counts as yes', () => {
    const answers = [true, false, undefined].map((answer) => judge(fault, () => answer as boolean));
    expect([judge(fault), ...answers]).toEqual(['failure', 'failure', 'ignored', 'failure']);
  });

  test.each([new CircuitOpenError(PLACE, 'inner', 100, 'open'), new BulkheadFullError(PLACE, 'pool', 'queue_full', 1, 0)])(
    'a refusal inside counts as nothing, whatever it says: $kind',
    (error) => {
      expect([judge(error), judge(error, () => true)]).toEqual(['released', 'released']);
    },
  );
});
