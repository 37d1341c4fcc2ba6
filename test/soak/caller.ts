import { getEventListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallOptions, chain, FuselineError, lastGood, type ServiceClient } from '../../runtime/index.js';
import { type Echo, OPERATION_NAMES, OPERATIONS, type OperationName } from './operations.js';
import { between, weighted } from './random.js';

/** One call and how it ended. */
export interface CallRecord {
  readonly id: string;
  readonly operation: OperationName;
  /** Times its promise settled. */
  settled: number;
  /** Times its fallback was run. */
  fallbacks: number;
  attempts: number;
  /** `ok`, the error's kind, `aborted` or the source of another answer. */
  outcome: string;
}

/** What all callers of a round share. */
export interface Round {
  readonly random: () => number;
  readonly makeClient: (transport: 'undici' | 'fetch') => ServiceClient;
  readonly clients: Readonly<Record<'undici' | 'fetch', ServiceClient>>;
  /** One signal that many calls follow. */
  readonly shared: AbortSignal;
  /** When to stop, on the monotonic scale. */
  readonly until: number;
  readonly records: CallRecord[];
  readonly fault: (what: string) => void;
}

/** Calls, waits for the answer, pauses, and calls again, until the round is over. */
export async function runCaller(round: Round, name: string): Promise<void> {
  const { random } = round;
  await pause(between(random, 0, 100));
  for (let number = 0; performance.now() < round.until; number++) {
    await oneCall(round, `${name}.${number}`);
    await pause(between(random, 0, 150));
  }
}

async function oneCall(round: Round, id: string): Promise<void> {
  const { random, records } = round;
  const operation = OPERATION_NAMES[between(random, 0, OPERATION_NAMES.length - 1)] ?? 'read';
  const record: CallRecord = { id, operation, settled: 0, fallbacks: 0, attempts: 0, outcome: 'pending' };
  records.push(record);
  const transport = random() < 0.15 ? 'fetch' : 'undici';
  // Bots make a client per tenant or per request; the circuit is shared all the same.
  const client = random() < 0.05 ? round.makeClient(transport) : round.clients[transport];
  const key = operation === 'kept' ? String(between(random, 0, 50)) : id;
  const params = { key, ...(OPERATIONS[operation].body === undefined ? {} : { body: { key } }) };
  const cancelling = cancellation(round);
  const options: CallOptions<Echo> = {
    ...(cancelling.signal === undefined ? {} : { signal: cancelling.signal }),
    // An id of its own would make each call's last good response nobody else's.
    ...(operation === 'kept' ? {} : { headers: { 'x-soak-id': id } }),
    ...fallbackOf(random, operation, record),
  };
  const promise = client.call(OPERATIONS[operation], params, options);
  cancelling.afterStart();
  await promise.then(
    (data) => {
      record.settled++;
      return promise.result().then((whole) => {
        if (!whole.ok) return;
        record.attempts = whole.attempts;
        record.outcome = whole.source === 'network' ? 'ok' : whole.source;
        checkAnswer(round, record, key, data);
      });
    },
    async (error: unknown) => {
      record.settled++;
      record.attempts = (await promise.result()).attempts;
      record.outcome = error instanceof FuselineError ? error.kind : 'aborted';
      if (record.outcome === 'aborted' && error !== cancelling.signal?.reason)
        round.fault(`${id}: ended with another reason than its signal's: ${error}`);
    },
  );
  cancelling.cancel();
  const { signal } = cancelling;
  if (signal !== undefined && signal !== round.shared && getEventListeners(signal, 'abort').length > 0)
    round.fault(`${id}: left a listener on its signal`);
}

/** A caller's own wish to stop, in one of the ways that callers have. */
function cancellation({ random, shared }: Round): { readonly signal?: AbortSignal; afterStart(): void; cancel(): void } {
  const none = { afterStart: () => undefined, cancel: () => undefined };
  const way = weighted(random, { none: 60, shared: 20, later: 12, timeout: 4, atOnce: 2, before: 2 });
  if (way === 'none') return none;
  if (way === 'shared') return { ...none, signal: shared };
  if (way === 'timeout') return { ...none, signal: AbortSignal.timeout(between(random, 20, 300)) };
  const aborter = new AbortController();
  const { signal } = aborter;
  const abort = (): void => aborter.abort(new Error('the caller left'));
  if (way === 'before') abort();
  if (way === 'atOnce') return { ...none, signal, afterStart: abort };
  const timer = setTimeout(abort, between(random, 0, 300));
  return { signal, afterStart: () => undefined, cancel: () => clearTimeout(timer) };
}

function fallbackOf(random: () => number, operation: OperationName, record: CallRecord): Pick<CallOptions<Echo>, 'fallback'> {
  const answer = (): Echo => {
    record.fallbacks++;
    return { id: record.id, key: 'fallback' };
  };
  if (operation === 'kept') return random() < 0.5 ? {} : { fallback: chain(lastGood(), answer) };
  return random() < 0.2 ? { fallback: answer } : {};
}

/** An answer must be the answer to this call. */
function checkAnswer({ fault }: Round, { id, operation, outcome }: CallRecord, key: string, answer: Echo): void {
  const expected = outcome === 'fallback' ? { id, key: 'fallback' } : { id: operation === 'kept' ? null : id, key };
  if (answer.id !== expected.id || answer.key !== expected.key)
    fault(`${id}: got the answer of ${answer.id} ${answer.key} instead of ${expected.id} ${expected.key} (${outcome})`);
}
