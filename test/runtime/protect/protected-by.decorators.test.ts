import { beforeEach, describe, expect, test } from 'vitest';
import { protectedBy } from '../../../runtime/protect/protected-by.js';
import { watch } from '../../support/watch.js';
import { Circuit } from '../policies/circuit-breaker/circuit.js';

let circuit: Circuit;

beforeEach(() => {
  circuit = new Circuit();
});

describe('@protectedBy', () => {
  test('keeps `this`, arguments and result; all instances share the circuit', async () => {
    class Rates {
      constructor(readonly factor: number) {}
      @protectedBy({ breaker: circuit.breaker })
      async load(currency: string, amount = 1): Promise<string> {
        if (currency === '') throw new Error('none');
        return `${currency} ${this.factor * amount}`;
      }
    }
    const [one, two] = [new Rates(2), new Rates(3)];
    await expect(one.load('EUR')).resolves.toBe('EUR 2');
    await expect(two.load('EUR', 5)).resolves.toBe('EUR 15');
    for (const rates of [one, two, one]) await expect(rates.load('')).rejects.toThrow('none');
    await expect(two.load('EUR')).rejects.toMatchObject({ kind: 'circuit_open', operation: 'load' });
  });

  test('static and private methods, and a fallback that is told the arguments', async () => {
    class Rates {
      @protectedBy({ breaker: circuit.breaker, fallback: ({ params }) => `spare ${String(params[0])}` })
      static async load(_currency: string): Promise<string> {
        throw new Error('down');
      }
      @protectedBy({ breaker: circuit.breaker, retry: { baseDelayMs: 0 } })
      async #secret(): Promise<number> {
        return 7;
      }
      read(): Promise<number> {
        return this.#secret();
      }
    }
    await expect(Rates.load('EUR')).resolves.toBe('spare EUR');
    await expect(new Rates().read()).resolves.toBe(7);
  });

  test('A25 A26 signalAt: the method hears of the time limit and of the caller, also where the caller gives no signal', async () => {
    const signals: AbortSignal[] = [];
    class Rates {
      @protectedBy({ breaker: circuit.breaker, timeoutMs: 100, signalAt: 2 })
      load(_currency: string, _amount?: number, signal?: AbortSignal): Promise<string> {
        if (signal !== undefined) signals.push(signal);
        return new Promise(() => undefined);
      }
    }
    const controller = new AbortController();
    const slow = watch(new Rates().load('EUR'));
    await circuit.clock.advance(100);
    expect(slow.error).toMatchObject({ kind: 'timeout' });
    expect(signals[0]?.reason).toBe(slow.error);
    const left = watch(new Rates().load('EUR', 1, controller.signal));
    controller.abort('enough');
    await circuit.clock.advance(0);
    expect([left.error, signals[1]?.reason]).toEqual(['enough', 'enough']);
    await expect(new Rates().load('EUR', 1, 'x' as never)).rejects.toMatchObject({ kind: 'configuration', option: 'argument 2' });
  });

  test('what cannot be is refused when the class is defined', () => {
    const method = async (): Promise<number> => 1;
    const context = { kind: 'method', name: 'load' } as ClassMethodDecoratorContext<unknown, () => Promise<number>>;
    expect(() => protectedBy({ breaker: undefined as never })(method, context)).toThrow(/^breaker is undefined/);
    expect(() => protectedBy({ breaker: circuit.breaker, signalAt: -1 })(method, context)).toThrow(/^signalAt is -1/);
    expect(() => protectedBy({ breaker: circuit.breaker })(method, 'load' as never)).toThrow(
      /^@protectedBy is undefined, expected a method/,
    );
  });
});
