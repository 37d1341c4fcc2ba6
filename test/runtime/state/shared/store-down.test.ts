import { describe, expect, it } from 'vitest';
import type { FuselineEvent } from '../../../../runtime/index.js';
import { logRecord } from '../../../../runtime/operate/logging/index.js';
import { memoryStore, type SharedStateStore, type StoredReport } from '../../../../runtime/state/shared/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { noUnhandledRejections } from '../../../support/unhandled.js';
import { Fleet, RECOVERY_MS } from './fleet.js';

noUnhandledRejections(() => new FakeClock().advance(0));

const SECRET = 'redis://:hunter2@cache.internal:6379';
const never = (): Promise<never> => new Promise(() => undefined);

/** A store over memory that behaves as told, and counts what is asked of it. */
class Patient {
  readonly clock = new FakeClock();
  readonly #inner = memoryStore({ clock: this.clock });
  behave: SharedStateStore['exchange'] | undefined;
  asked = 0;
  underWay = 0;
  mostUnderWay = 0;
  readonly signals: AbortSignal[] = [];
  readonly store: SharedStateStore = {
    exchange: (...all) => {
      this.asked++;
      this.signals.push(all[3]);
      if (this.behave === undefined) return this.#inner.exchange(...all);
      this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
      return this.behave(...all);
    },
  };

  fleet(size = 1): Fleet {
    return new Fleet(size, { store: this.store }, this.clock);
  }
}

describe('A52 store down: local operation', () => {
  it.each<[string, SharedStateStore['exchange'], string]>([
    ['rejects', () => Promise.reject(new Error(SECRET)), 'error'],
    ['rejects with nothing', () => Promise.reject(), 'error'],
    [
      'throws at once',
      () => {
        throw new Error(SECRET);
      },
      'error',
    ],
    ['never answers', never, 'timeout'],
    ['answers with nothing', () => Promise.resolve(undefined as never), 'bad_answer'],
    ['answers with something else', () => Promise.resolve('OK' as never), 'bad_answer'],
    ['answers without a promise', () => 5 as never, 'bad_answer'],
    [
      'answers with a list that cannot be read',
      () => Promise.resolve(Object.defineProperty([], 0, { get: () => JSON.parse(SECRET) })),
      'bad_answer',
    ],
    [
      'settles twice, and throws',
      () =>
        ({
          // biome-ignore lint/suspicious/noThenProperty: that is the point.
          then: (resolve: (value: never) => unknown, reject: (fault: unknown) => unknown) => {
            reject(new Error(SECRET));
            resolve([] as never);
            throw new Error(SECRET);
          },
        }) as never,
      'error',
    ],
  ])('A52 a store that %s: circuits open and recover by themselves, and it is told once', async (_, behave, reason) => {
    const patient = new Patient();
    const fleet = patient.fleet();
    const { breaker, shared, events } = fleet.at(0);
    await fleet.exchanged();
    patient.behave = behave;
    await fleet.clock.advance(10_000);
    expect(shared.status()).toMatchObject({ available: false, instances: 0 });
    fleet.at(0).fail();
    expect(breaker.state).toBe('open');
    await expect(breaker.call(() => Promise.resolve(1))).rejects.toMatchObject({ code: 'EOPENBREAKER' });
    await fleet.clock.advance(RECOVERY_MS);
    await expect(breaker.call(() => Promise.resolve(1))).resolves.toBe(1);
    expect(breaker.state).toBe('closed');
    patient.behave = undefined;
    await fleet.clock.advance(120_000);
    expect(shared.status()).toMatchObject({ available: true, failures: 0 });
    expect(fleet.at(0).told).toEqual(['shared_state_unavailable', 'shared_state_available']);
    const [lost, back] = events.filter(({ type }) => type.startsWith('shared_state'));
    expect(lost).toMatchObject({ circuit: '*', service: '*', reason });
    expect(back).toMatchObject({ circuit: '*', service: '*', downMs: expect.any(Number) });
    expect(JSON.stringify([events, shared])).not.toContain('hunter2');
    expect(logRecord(back as FuselineEvent)).toMatchObject({
      event: 'shared_state_available',
      circuit_breaker: '*',
      down: expect.any(Number),
    });
  });

  it('A52 who was opened by others recovers by its own probe while the store is down', async () => {
    const patient = new Patient();
    const fleet = patient.fleet(3);
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.exchanged();
    expect(fleet.at(2).openings).toEqual(['peers']);
    patient.behave = never;
    await fleet.clock.advance(RECOVERY_MS);
    expect(fleet.at(2).call('success')).toBe(true);
    expect(fleet.at(2).breaker.state).toBe('closed');
  });

  it('A52 it is asked less and less often, down to twice a minute, and an opening makes nobody hurry', async () => {
    const patient = new Patient();
    const fleet = patient.fleet();
    patient.behave = () => Promise.reject(new Error('down'));
    const times: number[] = [];
    const { exchange } = patient.store;
    Object.assign(patient.store, {
      exchange: (...all: Parameters<typeof exchange>) => {
        times.push(patient.clock.now());
        return exchange(...all);
      },
    });
    await fleet.clock.advance(4_000);
    fleet.at(0).fail();
    await fleet.clock.advance(149_000);
    expect(times).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000, 151_000]);
    patient.behave = undefined;
    await fleet.clock.advance(30_000);
    expect(fleet.at(0).events.at(-1)).toMatchObject({ type: 'shared_state_available', downMs: 181_000 });
  });

  it('one slow exchange is no outage: nobody is told', async () => {
    const patient = new Patient();
    const fleet = patient.fleet();
    await fleet.exchanged();
    patient.behave = never;
    await fleet.clock.advance(3_200);
    expect(fleet.at(0).shared.status()).toMatchObject({ available: true, failures: 2 });
    patient.behave = undefined;
    await fleet.clock.advance(5_000);
    expect(fleet.at(0).shared.status()).toMatchObject({ available: true, failures: 0 });
    expect(fleet.at(0).told).toEqual([]);
  });
});

describe('A52 store slow', () => {
  it('A52 each exchange ends at its timeout, one is waited for at a time, and of those that hang nothing stays', async () => {
    const patient = new Patient();
    const fleet = patient.fleet();
    patient.behave = never;
    await fleet.clock.advance(499);
    expect(patient.signals.map(({ aborted }) => aborted)).toEqual([false]);
    await fleet.clock.advance(1);
    expect(patient.signals.map(({ aborted }) => aborted)).toEqual([true]);
    await fleet.clock.advance(3_600_000);
    expect(patient.asked).toBeLessThan(130);
    expect(patient.signals.filter(({ aborted }) => !aborted).length).toBeLessThanOrEqual(1);
    expect(fleet.clock.pendingTimers).toBe(1);
  });

  it('A52 one is under way at a time where the signal is heeded, whoever asks for more', async () => {
    const patient = new Patient();
    const fleet = patient.fleet();
    patient.behave = (_, __, ___, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          patient.underWay--;
          reject(signal.reason);
        });
      });
    const synced = [fleet.at(0).shared.sync(), fleet.at(0).shared.sync(), fleet.at(0).shared.sync()];
    await fleet.clock.advance(600_000);
    await Promise.all(synced);
    expect(patient.asked).toBeGreaterThan(10);
    expect(patient.mostUnderWay).toBe(1);
  });

  it('A52 a late answer opens nothing, and neither does one that comes after the end', async () => {
    const patient = new Patient();
    const fleet = patient.fleet(1);
    const open = JSON.stringify({ v: 1, open: [{ circuit: 'ghl', downMs: 1, leftMs: 50_000 }] });
    const answer: readonly StoredReport[] = ['a', 'b'].map((instance) => ({ instance, report: open, ageMs: 0 }));
    const late: ((answer: readonly StoredReport[]) => void)[] = [];
    patient.behave = () => new Promise((resolve) => late.push(resolve));
    // The first is answered when the second is under way, and that one at the end.
    await fleet.clock.advance(1_600);
    expect(late).toHaveLength(2);
    late[0]?.(answer);
    await fleet.clock.advance(100);
    expect(fleet.at(0).shared.status()).toMatchObject({ failures: 1, instances: 0, opened: 0 });
    expect(fleet.clock.pendingTimers).toBe(1);
    await fleet.clock.advance(300);
    expect(fleet.at(0).shared.status()).toMatchObject({ failures: 2 });
    await fleet.clock.advance(2_000);
    expect(late).toHaveLength(3);
    late[1]?.(answer);
    await fleet.clock.advance(0);
    fleet.stop();
    expect(fleet.clock.pendingTimers).toBe(0);
    late[2]?.(answer);
    await fleet.clock.advance(0);
    expect(fleet.clock.pendingTimers).toBe(0);
    // The third was given up, not lost: nobody is told of an outage after the end.
    expect(fleet.at(0).told).toEqual([]);
    expect(fleet.at(0).breaker.state).toBe('closed');
    expect(fleet.at(0).shared.status().opened).toBe(0);
  });

  it('what is asked for during an exchange comes after it, and has what happened meanwhile', async () => {
    const patient = new Patient();
    const fleet = patient.fleet(1);
    const replies: (() => void)[] = [];
    const reports: string[] = [];
    patient.behave = (_, report) => {
      reports.push(report);
      return new Promise((resolve) => replies.push(() => resolve([])));
    };
    await fleet.clock.advance(0);
    fleet.at(0).fail();
    const synced = fleet.at(0).shared.sync();
    replies[0]?.();
    await fleet.clock.advance(0);
    replies[1]?.();
    await synced;
    expect(reports.map((report) => report.includes('ghl'))).toEqual([false, true]);
    expect(fleet.at(0).shared.status().reported).toEqual(['ghl']);
  });

  it('what has grown old on its way counts as old', async () => {
    const patient = new Patient();
    const fleet = patient.fleet(1);
    const open = JSON.stringify({ v: 1, open: [{ circuit: 'ghl', downMs: 1, leftMs: 5_000 }] });
    patient.behave = () =>
      new Promise((resolve) => {
        patient.clock.setTimeout(() => resolve(['a', 'b'].map((instance) => ({ instance, report: open, ageMs: 1_000 }))), 400);
      });
    await fleet.clock.advance(400);
    expect(fleet.at(0).breaker.retryAfterMs()).toBe(3_600);
  });
});

describe('A52 no lock held during the call', () => {
  it('A52 calls neither ask the store nor wait for it', async () => {
    const patient = new Patient();
    patient.behave = never;
    const fleet = patient.fleet();
    await fleet.clock.advance(0);
    expect(patient.asked).toBe(1);
    const { breaker } = fleet.at(0);
    // Nothing but microtasks: no answer of any store could come meanwhile.
    for (let call = 0; call < 1_000; call++) await expect(breaker.call(() => Promise.resolve(call))).resolves.toBe(call);
    expect(patient.asked).toBe(1);
  });

  it('A52 exchanges go on while a call does, and a call that outlasts an opening changes nothing of it', async () => {
    const patient = new Patient();
    const fleet = patient.fleet(3);
    await fleet.exchanged();
    const { breaker, shared } = fleet.at(2);
    let finish: ((value: string) => void) | undefined;
    const slow = breaker.call(() => new Promise<string>((resolve) => (finish = resolve)));
    for (const at of [0, 1]) fleet.at(at).fail();
    await fleet.exchanged();
    expect(breaker.state).toBe('open');
    finish?.('done');
    await expect(slow).resolves.toBe('done');
    expect(breaker.state).toBe('open');
    expect(shared.status()).toMatchObject({ opened: 1, available: true });
  });

  it('A52 what is decided is decided by the state of that moment, not by that of when the store was asked', async () => {
    const patient = new Patient();
    const fleet = patient.fleet(1);
    const { breaker, shared } = fleet.at(0);
    const open = JSON.stringify({ v: 1, open: [{ circuit: 'ghl', downMs: 30_000, leftMs: 50_000 }] });
    const answer: readonly StoredReport[] = ['a', 'b'].map((instance) => ({ instance, report: open, ageMs: 0 }));
    let reply: ((answer: readonly StoredReport[]) => void) | undefined;
    patient.behave = () => new Promise((resolve) => (reply = resolve));
    await fleet.clock.advance(0);
    // Meanwhile it has opened and was closed again: that outage is over here.
    fleet.at(0).fail();
    breaker.reset();
    reply?.(answer);
    await fleet.clock.advance(0);
    expect(shared.status()).toMatchObject({ instances: 2, opened: 0 });
    expect(breaker.state).toBe('closed');
  });
});
