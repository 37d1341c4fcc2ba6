import { type Alert, type AlertChannel, type ChannelProblem, DeliveryError, type SendContext } from 'fuseline/alerts';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, it } from 'vitest';
import { Background } from '../../../../runtime/background.js';
import { Outbox } from '../../../../runtime/operate/alerts/outbox.js';
import { userObject } from '../../../../runtime/user-code.js';
import { alert } from './alert.js';
import { bench, recorder } from './recorder.js';

type Send = (message: Alert, context: SendContext) => Promise<void>;

interface Setup {
  readonly clock: FakeClock;
  readonly outbox: Outbox;
  readonly problems: ChannelProblem[];
}

function outboxOf(send: Send, given: Partial<AlertChannel> = {}): Setup {
  const clock = new FakeClock();
  const problems: ChannelProblem[] = [];
  const channel = { ...recorder(), ...given };
  const setup = { background: new Background(clock), draw: () => 1, onProblem: (problem: ChannelProblem) => problems.push(problem) };
  const outbox = new Outbox({ channel, sender: userObject({ send }), close: undefined }, setup);
  return { clock, outbox, problems };
}

const numbered = (n: number, given: Partial<Alert> = {}): Alert => alert({ id: `i.${n}`, incident: `i${n}`, ...given });

describe('what is on its way', () => {
  it('is sent in order, one at a time, and never while it is offered', async () => {
    const log: string[] = [];
    let release: (() => void)[] = [];
    const { outbox, clock } = outboxOf((message) => {
      log.push(message.id);
      return new Promise((resolve) => release.push(resolve));
    });
    outbox.offer(numbered(1));
    outbox.offer(numbered(2));
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual(['i.1']);
    expect(outbox.status).toEqual({ name: 'recorder', waiting: 2, sent: 0, lost: 0 });
    for (const one of release) one();
    release = [];
    await clock.advance(0);
    expect(log).toEqual(['i.1', 'i.2']);
    for (const one of release) one();
    await outbox.idle();
    expect(outbox.status).toEqual({ name: 'recorder', waiting: 0, sent: 2, lost: 0 });
  });

  it('is bounded: the oldest that waits is dropped, counted and told', async () => {
    const log: string[] = [];
    let release = (): void => undefined;
    const { outbox, clock, problems } = outboxOf((message) => {
      log.push(message.id);
      return log.length === 1 ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
    });
    outbox.offer(numbered(0));
    await clock.advance(0);
    for (let n = 1; n <= 102; n++) outbox.offer(numbered(n));
    expect(outbox.status).toMatchObject({ waiting: 100, lost: 3 });
    expect(problems.map(({ kind, cause, alert: id, lost }) => [kind, cause, id, lost])).toEqual([
      ['dropped', 'queue_full', 'i.1', 1],
      ['dropped', 'queue_full', 'i.2', 2],
      ['dropped', 'queue_full', 'i.3', 3],
    ]);
    expect(problems[0]?.message).toBe('alert channel recorder: the message i.1 was dropped, because the queue is full (queue_full)');
    release();
    await outbox.idle();
    expect(log).toHaveLength(100);
    expect(log.slice(0, 2)).toEqual(['i.0', 'i.4']);
  });

  it('is tried again after waits that double, and then given up', async () => {
    const at: number[] = [];
    const { outbox, clock, problems } = outboxOf(
      async () => {
        at.push(clock.now());
        throw new DeliveryError('http_503');
      },
      { maxAttempts: 4 },
    );
    outbox.offer(numbered(1));
    await clock.advance(100_000);
    expect(at).toEqual([0, 1_000, 3_000, 7_000]);
    expect(problems).toEqual([
      {
        channel: 'recorder',
        kind: 'failed',
        cause: 'http_503',
        attempts: 4,
        alert: 'i.1',
        lost: 1,
        message: 'alert channel recorder: the message i.1 was not delivered after 4 attempts (http_503)',
      },
    ]);
  });

  it('eight times over two minutes, unless said otherwise, never waiting for more than one', async () => {
    const at: number[] = [];
    const { outbox, clock } = outboxOf(async () => {
      at.push(clock.now());
      throw new Error('whatever');
    });
    outbox.offer(numbered(1));
    await clock.advance(600_000);
    expect(at).toEqual([0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000, 123_000]);
  });

  it('waits for as long as the receiver asks, unless that is too long', async () => {
    const at: number[] = [];
    let retryAfterMs = 30_000;
    const { outbox, clock, problems } = outboxOf(async () => {
      at.push(clock.now());
      throw new DeliveryError('http_429', { retryAfterMs });
    });
    outbox.offer(numbered(1));
    await clock.advance(30_000);
    expect(at).toEqual([0, 30_000]);
    retryAfterMs = 300_001;
    await clock.advance(600_000);
    expect(at).toEqual([0, 30_000, 60_000]);
    expect(problems).toMatchObject([{ cause: 'http_429', attempts: 3 }]);
  });

  it('is not tried again where that makes no sense; the next one is', async () => {
    const log: string[] = [];
    const { outbox, clock, problems } = outboxOf(async (message) => {
      log.push(message.id);
      if (message.id === 'i.1') throw new DeliveryError('http_404', { retryable: false });
    });
    outbox.offer(numbered(1));
    outbox.offer(numbered(2));
    await clock.advance(0);
    expect(log).toEqual(['i.1', 'i.2']);
    expect(problems[0]?.message).toContain('not delivered after one attempt');
    expect(outbox.status).toMatchObject({ sent: 1, lost: 1 });
  });

  it('has limited time, whatever the channel does with its signal', async () => {
    const signals: AbortSignal[] = [];
    const { outbox, clock, problems } = outboxOf(
      (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
      { timeoutMs: 2_000, maxAttempts: 2 },
    );
    outbox.offer(numbered(1));
    await clock.advance(1_999);
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(1);
    expect(signals[0]?.aborted).toBe(true);
    await clock.advance(3_000);
    expect(signals).toHaveLength(2);
    expect(problems).toMatchObject([{ cause: 'timeout', attempts: 2 }]);
  });

  it('a channel that throws at once, or late, harms nothing', async () => {
    const { outbox, clock, problems } = outboxOf(
      (_, { signal, attempt }) => {
        if (attempt === 1) throw new Error('at once: S3CRET');
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => setImmediate(() => reject(new Error('late')))));
      },
      { maxAttempts: 2, timeoutMs: 100 },
    );
    outbox.offer(numbered(1));
    await clock.advance(5_000);
    expect(problems).toMatchObject([{ cause: 'timeout', attempts: 2 }]);
    expect(JSON.stringify(problems)).not.toContain('S3CRET');
  });

  it('ends when it is closed: what is sent is aborted, what waits is forgotten', async () => {
    const signals: AbortSignal[] = [];
    const { outbox, clock, problems } = outboxOf((_, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    outbox.offer(numbered(1));
    outbox.offer(numbered(2));
    await clock.advance(0);
    outbox.close();
    outbox.offer(numbered(3));
    await outbox.idle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(problems).toEqual([]);
  });
});

describe('who gets what', () => {
  const end = (n: number): Alert => numbered(n, { status: 'resolved', severity: 'info' });
  const sent = async (channel: Partial<AlertChannel>, offers: readonly (readonly [Alert, boolean?])[]): Promise<string[]> => {
    const log: string[] = [];
    const { outbox } = outboxOf(async (message) => {
      log.push(`${message.status} ${message.incident}`);
    }, channel);
    for (const [message, silent] of offers) outbox.offer(message, silent);
    await outbox.idle();
    return log;
  };

  it('everything, without a least severity', async () => {
    expect(await sent({}, [[numbered(1, { severity: 'info' })], [end(1)], [end(2)]])).toEqual(['firing i1', 'resolved i1', 'resolved i2']);
  });

  it('what is urgent enough, and its end', async () => {
    const offers = [[numbered(1)], [numbered(2, { severity: 'warning' })], [end(1)], [end(2)], [end(1)]] as const;
    expect(await sent({ minSeverity: 'critical' }, offers)).toEqual(['firing i1', 'resolved i1']);
  });

  it('no end whose rule is off, but for a receiver that keeps state and was told', async () => {
    const offers = [[numbered(1)], [end(1), true], [end(2)], [end(1), true]] as const;
    expect(await sent({}, offers)).toEqual(['firing i1', 'resolved i2']);
    expect(await sent({ keepsState: true }, offers)).toEqual(['firing i1', 'resolved i1']);
  });
});

describe('channels among each other', () => {
  it('one that hangs or throws delays neither a call nor another channel', async () => {
    const dead: AlertChannel = { name: 'dead', open: () => ({ send: () => new Promise(() => undefined) }) };
    const broken: AlertChannel = {
      name: 'broken',
      open: () => ({
        send: () => {
          throw new Error('no');
        },
      }),
    };
    const fine = recorder();
    const { fail, circuit, clock, alerts } = bench({ channels: [dead, broken, fine] });
    for (let at = 0; at < 3; at++) await circuit.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
    expect(circuit.state).toBe('open');
    await clock.advance(0);
    expect(fine.alerts).toHaveLength(1);
    circuit.reset();
    fail();
    await clock.advance(0);
    expect(fine.alerts).toHaveLength(2);
    expect(alerts.status().channels).toMatchObject([
      { name: 'dead', waiting: 2 },
      { name: 'broken', waiting: 2 },
      { name: 'recorder', sent: 2 },
    ]);
  });

  it('a problem handler that throws, or rejects, harms nothing', async () => {
    const broken: AlertChannel = {
      name: 'broken',
      maxAttempts: 1,
      open: () => ({ send: () => Promise.reject(new Error('no')) }),
    };
    let told = 0;
    const { fail, circuit, clock } = bench({
      channels: [broken],
      cooldownMs: 0,
      onChannelError: () => {
        told++;
        if (told === 1) throw new Error('handler');
        return Promise.reject(new Error('handler')) as never;
      },
    });
    fail();
    circuit.reset();
    await clock.advance(0);
    expect(told).toBe(2);
  });
});
