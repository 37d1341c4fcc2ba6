import { TimeoutError } from 'fuseline';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../../runtime/policies/stage.js';
import { Run } from '../../../runtime/protect/run.js';
import { type FunctionFlow, RunFunction } from '../../../runtime/protect/run-function.js';
import { userFunction } from '../../../runtime/user-code.js';
import { Circuit } from '../policies/circuit-breaker/circuit.js';
import { flowOf } from '../policies/flow.js';

const PLACE = { service: 's', operation: 'o' };
const TIME_UP = { error: new TimeoutError(PLACE, 'total', 100, 'waiting'), limitMs: 100 };

class PlainRun extends Run {
  override onDeadline(): void {}
  override returned(): void {}
  override threw(): void {}
}

let ended: unknown[];
let asked: number;
let isFailure: () => boolean;
let link: RunFunction<FunctionFlow>;

beforeEach(() => {
  ended = [];
  asked = 0;
  isFailure = () => true;
  const judge = (): boolean => {
    asked++;
    return isFailure();
  };
  link = new RunFunction({
    fn: userFunction(() => undefined),
    clock: new Circuit().clock,
    timeoutMs: undefined,
    place: PLACE,
    isFailure: userFunction(judge),
    when: undefined,
  });
  link.outer = {
    succeeded: (_, value) => ended.push(value),
    failed: (_, failure: Failure) => ended.push(failure.error),
    heard: () => undefined,
    gone: () => undefined,
  };
});

const flow = (run: Run | undefined, caller?: AbortSignal): FunctionFlow => ({
  ...flowOf(),
  args: [],
  caller,
  run,
  nextRun: () => new PlainRun(),
});

describe('a call that is left', () => {
  test('before its first run, or after its last one, has nothing to count', () => {
    const over = new PlainRun();
    over.end();
    expect(link.leave(flow(undefined), 100, TIME_UP)).toBe('released');
    expect(link.leave(flow(over), 100, TIME_UP)).toBe('released');
    link.drop(flow(undefined));
    expect(over.signal.aborted).toBe(false);
  });

  test.each([
    ['because its time is up: a failure, if the run had most of it', 50, TIME_UP, 'failure', TIME_UP.error],
    ['because its time is up: nothing, if it had less', 49, TIME_UP, 'released', TIME_UP.error],
    ['by its caller: nothing', 100, undefined, 'released', 'enough'],
  ])('%s', (_, now, expiry, outcome, reason) => {
    const run = new PlainRun();
    const left = flow(run, AbortSignal.abort('enough'));
    const { signal } = run;
    expect(link.leave(left, now, expiry)).toBe(outcome);
    expect([run.ended, signal.aborted]).toEqual([true, false]);
    link.drop(left);
    expect(signal.reason).toBe(reason);
  });

  test('without a signal of its caller', () => {
    const run = new PlainRun();
    expect(link.leave(flow(run), 1, undefined)).toBe('released');
    expect([run.ended, run.signal.aborted]).toEqual([true, true]);
  });
});

describe('a function that throws', () => {
  test('after its run is over is not judged, and changes nothing', () => {
    const run = new PlainRun();
    run.end();
    link.threw(flow(run), run, new Error('late'));
    link.returned(flow(run), run, 'late');
    expect([asked, ended]).toEqual([0, []]);
  });

  test('fails nothing if the judge ends the run', () => {
    const run = new PlainRun();
    isFailure = () => {
      run.end();
      return true;
    };
    link.threw(flow(run), run, new Error('down'));
    expect([asked, ended]).toEqual([1, []]);
  });
});
