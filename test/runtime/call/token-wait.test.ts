import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sharedToken } from 'fuseline/auth';
import { FakeClock } from 'fuseline/testing';
import { expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const CALLS = 100;
/** Of the calls made last, the engine itself holds a few for a while. */
const FEW = 10;

/** Counts the calls that are still in memory, by objects that nothing else holds. */
const held = async (make: (body: object) => Promise<unknown>): Promise<number> => {
  const bodies = await Promise.all(
    Array.from({ length: CALLS }, async () => {
      const body = { large: 'x' };
      const ref = new WeakRef(body);
      await make(body);
      return ref;
    }),
  );
  // A WeakRef keeps its target until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  return bodies.filter((ref) => ref.deref() !== undefined).length;
};

test('calls that left are let go of, although the token that they waited for never comes', async () => {
  const clock = new FakeClock();
  const token = sharedToken(() => new Promise<string>(() => undefined), { clock });
  const acme = testClient({ baseUrl: 'http://acme.test', dispatcher: new InMemory(answers(200)), token, clock });
  const aborted = async (body: object): Promise<unknown> => {
    const aborter = new AbortController();
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal, fallback: () => body }));
    aborter.abort('gone');
    return failed;
  };
  expect(await held(aborted)).toBeLessThan(FEW);
  const late = async (body: object): Promise<unknown> => {
    const answered = acme.call(getThing, { id: 1 }, { timeoutMs: 10, totalTimeoutMs: 10, fallback: () => body });
    await clock.advance(10);
    return answered;
  };
  expect(await held(late)).toBeLessThan(FEW);
});
