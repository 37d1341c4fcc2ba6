import { type CallOptions, type ClientOptions, RetryExhaustedError, type TransportRequest } from 'fuseline';
import { protect } from 'fuseline/protect';
import { InMemory } from '../support/in-memory.js';
import { json, Loopback, reset, resetBody, text } from '../support/loopback.js';
import { answerOf, CALLERS, type Caller, tokenOf } from './callers.js';
import { followFiles, refusals } from './configured.js';
import { OUTCOMES } from './outcomes.js';
import { SECRETS } from './secrets.js';
import { World } from './world.js';

const STEP_MS = 100;

/** A world in which everything that holds a secret was used, in every way that fails, and in some that do not. */
export async function fedWorld(): Promise<World> {
  const world = await World.start();
  for (const caller of CALLERS) for (const outcome of OUTCOMES) await inMemory(world, caller, outcome);
  await overSockets(world);
  await functions(world);
  const { watchers, said } = await followFiles(world.registry, world.clock);
  world.watchers.push(...watchers);
  world.errors.push(...said, ...refusals());
  await world.receivers.stop();
  return world;
}

/** Twice: the second time some circuits are open, and some answers are kept. */
async function inMemory(world: World, caller: Caller, outcome: (typeof OUTCOMES)[number]): Promise<void> {
  const dispatcher = new InMemory(...outcome.reactions);
  const options = { ...world.options(), token: tokenOf(caller), dispatcher, baseUrl: `http://${outcome.name}.${caller.name}.test` };
  for (let round = 0; round < 2; round++) {
    await call(world, caller, { ...options, ...outcome.options }, outcome.call, outcome.abort);
  }
  for (const request of dispatcher.requests) world.wire.push(await sent(request));
}

async function call(
  world: World,
  caller: Caller,
  options: ClientOptions,
  given: (() => CallOptions) | undefined,
  abort = false,
): Promise<void> {
  const client = caller.client(options);
  const aborter = new AbortController();
  const headers = { 'X-Call': SECRETS.callHeader, 'Idempotency-Key': SECRETS.idempotencyKey };
  const promises = caller.calls(client, { headers, signal: aborter.signal, ...given?.() });
  if (abort) aborter.abort(new Error(SECRETS.abortReason));
  world.clients.push(client);
  let left = promises.length;
  // All at once: one that fails while another is waited for would be unhandled.
  const ended = promises.map((promise) => promise.result().finally(() => left--));
  for (let step = 0; step < 50 && left > 0; step++) await world.clock.advance(STEP_MS);
  for (const [at, result] of (await Promise.all(ended)).entries()) {
    if (result.ok) {
      // The data is the caller's own, whatever answered.
      world.results.push({ ...result, data: 'not looked at' });
      world.answered.push(result.data);
      continue;
    }
    world.results.push(result);
    // Of a failed call: that of another holds the data.
    world.promises.push(promises[at]);
    world.answered.push(answerOf(result.error));
    world.errors.push(result.error, ...(result.error instanceof RetryExhaustedError ? result.error.errors : []));
  }
}

async function sent({ path, headers, body }: TransportRequest): Promise<string> {
  const content: unknown = body;
  return [path, ...headers, content instanceof Blob ? await content.text() : String(content)].join('\n');
}

/** The real transports, with real servers behind them. */
async function overSockets(world: World): Promise<void> {
  const headers = { 'set-cookie': SECRETS.responseCookie, 'x-echo': SECRETS.responseHeader };
  const body = { message: SECRETS.responseBody };
  const answers = [
    json(body, 200, headers),
    json(body, 422, headers),
    json(body, 503, headers),
    text(`<html>${SECRETS.htmlPage}`, 'text/html', 200, headers),
    text(`{"a":"${SECRETS.responseBody}`, 'application/json', 200, headers),
    (response: Parameters<typeof resetBody>[0]) => {
      response.writeHead(500, SECRETS.statusText, headers);
      response.end(SECRETS.responseBody);
    },
    reset,
    resetBody,
  ];
  for (const transport of ['undici', 'fetch'] as const) {
    for (const answer of answers) {
      const server = (await Loopback.start()).answer(answer);
      for (const caller of CALLERS) {
        // Sockets take their own time, and the clock is moved while they do: no limit of time may be met.
        const patient = { timeoutMs: null, totalTimeoutMs: null, retry: false } as const;
        await call(world, caller, { ...world.options(), ...patient, token: tokenOf(caller), transport, baseUrl: server.origin }, undefined);
      }
      await server.stop();
    }
  }
}

/** Functions of the user's own. */
async function functions(world: World): Promise<void> {
  const breaker = world.registry.obtain('function', 'function', { failureThreshold: 2 });
  const throws = (_: unknown, argument: string): never => {
    throw Object.assign(new Error(`${SECRETS.functionError} ${argument.length}`), { argument: SECRETS.functionError });
  };
  const retried = protect(throws, { breaker, retry: { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 } });
  const told: unknown[] = [];
  const answered = protect(throws, {
    breaker,
    fallback: ({ error }) => {
      told.push(error);
      return SECRETS.fallbackAnswer as never;
    },
  });
  for (const run of [retried, answered, retried]) {
    const promise = run(SECRETS.functionArgument).then(
      (value) => value,
      (error: unknown) => told.push(error),
    );
    await world.clock.advance(STEP_MS);
    await promise;
  }
  world.errors.push(...told.flatMap((error) => (error instanceof RetryExhaustedError ? [error, ...error.errors] : [error])));
}
