import { describe, expect, test } from 'vitest';
import { CircuitOpenError } from '../../../../runtime/errors/call-errors.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

describe('acquire', () => {
  test('success, failure, ignore and release, each counted once with its time', () => {
    const circuit = new Circuit();
    const { breaker, clock } = circuit;
    for (const method of ['success', 'failure', 'ignore', 'release'] as const) {
      using permit = breaker.acquire();
      expect(permit.settled).toBe(false);
      clock.jump(10);
      permit[method]();
      expect(permit.settled).toBe(true);
    }
    expect(breaker.snapshot().stats).toMatchObject({
      totalRequests: 4,
      successfulRequests: 1,
      failedRequests: 1,
      ignoredRequests: 1,
      releasedRequests: 1,
      timeoutRequests: 0,
      avgResponseTimeMs: 10,
    });
  });

  test('the first verdict stands', () => {
    const { breaker } = new Circuit();
    const permit = breaker.acquire();
    permit.success();
    permit.failure();
    permit.ignore();
    permit[Symbol.dispose]();
    expect(breaker.snapshot().stats).toMatchObject({ successfulRequests: 1, failedRequests: 0, ignoredRequests: 0 });
  });

  test('a block that is left by a throw counts as a failure, and the throw comes through', () => {
    const circuit = new Circuit();
    const fault = new Error('x');
    const work = (): void => {
      using _ = circuit.breaker.acquire();
      throw fault;
    };
    for (let at = 0; at < 3; at++) expect(work).toThrow(fault);
    expect(circuit.breaker.state).toBe('open');
    expect(work).toThrow(CircuitOpenError);
  });

  test('A12 a probe whose block throws gives its place back', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
    expect(() => {
      using _ = circuit.breaker.acquire();
      throw new Error('sync');
    }).toThrow('sync');
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    circuit.breaker.acquire().release();
    circuit.breaker.acquire().release();
    expect(circuit.breaker.state).toBe('half_open');
  });

  test('A1 a probe that is never settled is lost after its lease, and its late verdict changes nothing', () => {
    const circuit = new Circuit({ halfOpenMaxCalls: 1, successThreshold: 1 }).tripAndWait();
    const late = circuit.breaker.acquire({ leaseMs: 50 });
    circuit.clock.jump(50);
    expect(circuit.breaker.state).toBe('open');
    late.success();
    expect(circuit.breaker.state).toBe('open');
  });

  test('A44 the refusal is a fresh error each time, without a cause', () => {
    const { breaker } = new Circuit().trip();
    const errors = [0, 1].map(() => {
      try {
        breaker.acquire();
      } catch (error) {
        return error;
      }
      return undefined;
    });
    expect(errors[0]).toBeInstanceOf(CircuitOpenError);
    expect(errors[0]).not.toBe(errors[1]);
    expect((errors[1] as Error).cause).toBeUndefined();
  });

  test('O4 failures and refusals are events, the cause before the effect', () => {
    const circuit = new Circuit({ failureThreshold: 1 });
    circuit.breaker.acquire().failure(new Error('secret'));
    expect(() => circuit.breaker.acquire()).toThrow();
    expect(circuit.types).toEqual(['call_failed', 'circuit_opened', 'call_rejected']);
    expect(circuit.events[0]).toMatchObject({ failureCount: 1, threshold: 1, cause: 'error' });
    expect(JSON.stringify(circuit.events)).not.toContain('secret');
  });

  test.each([0, -1, Number.NaN, '5', null])('leaseMs: %s', (leaseMs) => {
    expect(() => new Circuit().breaker.acquire({ leaseMs: leaseMs as number })).toThrow(
      /^leaseMs is .+, expected milliseconds, more than 0$/,
    );
  });
});

test('options that acquire does not have are refused, and options that are none', () => {
  const { breaker } = new Circuit();
  expect(() => breaker.acquire({ leaseMS: 5 } as never)).toThrow(/^leaseMS is not an option of acquire, .*leaseMs/);
  expect(() => breaker.acquire(null as never)).toThrow(/^options of acquire is null, expected an object$/);
  expect(breaker.snapshot().stats.totalRequests).toBe(0);
});

describe('O4 breaker.call', () => {
  test('failures and refusals are events with the guides’ fields; a refusal further in counts as nothing', async () => {
    const circuit = new Circuit({ failureThreshold: 2 });
    const inner = new Circuit({ name: 'inner' }).trip();
    const fail = (): Promise<never> => Promise.reject(new Error('secret'));
    await circuit.breaker.call(() => inner.breaker.call(fail)).catch(() => undefined);
    expect(circuit.types).toEqual([]);
    await circuit.breaker.call(fail).catch(() => undefined);
    await circuit.breaker.call(fail).catch(() => undefined);
    await circuit.breaker.call(fail).catch(() => undefined);
    expect(circuit.events).toMatchObject([
      { type: 'call_failed', circuit: 'billing', failureCount: 1, threshold: 2, cause: 'error' },
      { type: 'call_failed', failureCount: 2 },
      { type: 'circuit_opened', failureCount: 2 },
      { type: 'call_rejected', retryAfterMs: RECOVERY_MS },
    ]);
    expect(JSON.stringify(circuit.events)).not.toContain('secret');
  });

  test('by type, until disposed', async () => {
    const circuit = new Circuit({ failureThreshold: 1 });
    const opened: number[] = [];
    {
      using _ = circuit.breaker.on('circuit_opened', (event) => opened.push(event.failureCount));
      circuit.fail();
      circuit.breaker.reset();
    }
    circuit.fail();
    expect(opened).toEqual([1]);
    expect(() => circuit.breaker.on('circuit_opened', 'no' as never)).toThrow(/^listener is "no", expected a function$/);
  });
});
