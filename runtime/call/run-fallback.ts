import type { FuselineError } from '../errors/base.js';
import { copyOf, type FallbackContext } from '../policies/fallback/fallback.js';
import type { Call } from './call.js';
import { emitFallbackUsed } from './call-events.js';

/** Makes the error when a fallback function asks for it, and not before. */
class Context implements FallbackContext {
  #error: FuselineError | undefined;
  readonly #makeError: () => FuselineError;

  constructor(
    readonly params: unknown,
    readonly operation: string,
    readonly signal: AbortSignal | undefined,
    makeError: () => FuselineError,
  ) {
    this.#makeError = makeError;
  }

  get error(): FuselineError {
    this.#error ??= this.#makeError();
    return this.#error;
  }
}

/**
 * Tries the steps in order and settles the call with the first that answers, or with the call's own error if none does. A step that throws
 * is passed over. Fallbacks never feed the circuit.
 */
export function runFallback(call: Call, makeError: () => FuselineError, cause: string, now: number, from = 0): void {
  const { fallback, core } = call.op;
  for (let at = from; at < fallback.length; at++) {
    const step = fallback[at];
    if (step === undefined) continue;
    if (step.kind === 'lastGood') {
      if (call.cacheKey === '') continue;
      const kept = core.lastGood.get(call.sender.identity, call.cacheKey, now, step.maxAgeMs);
      if (kept === undefined) continue;
      call.ageMs = kept.ageMs;
      answer(call, JSON.parse(kept.text), 'cache', cause, now);
      return;
    }
    if (step.kind === 'value') {
      const copy = tryCopy(step.value);
      if (copy === undefined) continue;
      answer(call, copy.value, 'fallback', cause, now);
      return;
    }
    const context = new Context(call.params, call.op.operation.id, call.options?.signal, makeError);
    let answered: unknown;
    try {
      answered = call.user.call(step.run, context as never);
    } catch {
      continue;
    }
    if (typeof answered !== 'object' || answered === null || !('then' in answered)) {
      answer(call, answered, 'fallback', cause, core.clock.now());
      return;
    }
    Promise.resolve(answered).then(
      (value) => answer(call, value, 'fallback', cause, core.clock.now()),
      () => runFallback(call, () => context.error, cause, core.clock.now(), at + 1),
    );
    return;
  }
  call.failWith(makeError, cause, now);
}

/** Undefined where the value has no copy: it holds a function, say. */
function tryCopy(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: copyOf(value) };
  } catch {
    return undefined;
  }
}

function answer(call: Call, value: unknown, source: 'cache' | 'fallback', cause: string, now: number): void {
  // The caller aborted while the fallback was at work: nothing was used.
  if (call.settled) return;
  call.op.breaker.countFallback();
  call.source = source;
  emitFallbackUsed(call, source, cause);
  call.finish(value, now);
}
