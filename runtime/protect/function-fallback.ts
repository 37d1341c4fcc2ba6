import type { FuselineError } from '../errors/base.js';
import { type CompiledStep, copyOf, type FallbackContext } from '../policies/fallback/fallback.js';
import type { UserScope } from '../user-code.js';

/**
 * Tries the steps in order: `answered` is called with the first answer, or `none` where every step threw. The error is made when a step
 * reads it, and not before.
 */
export function firstAnswer(
  user: UserScope,
  steps: readonly CompiledStep[],
  told: Omit<FallbackContext, 'error'>,
  makeError: () => FuselineError,
  answered: (value: unknown) => void,
  none: () => void,
): void {
  const [step, ...rest] = steps;
  if (step === undefined) {
    none();
    return;
  }
  const next = (): void => firstAnswer(user, rest, told, makeError, answered, none);
  let value: unknown;
  let waits: boolean;
  try {
    value = answerOf(user, step, told, makeError);
    waits = typeof value === 'object' && value !== null && 'then' in value;
  } catch {
    next();
    return;
  }
  if (waits) Promise.resolve(value).then(answered, next);
  else answered(value);
}

function answerOf(user: UserScope, step: CompiledStep, told: Omit<FallbackContext, 'error'>, makeError: () => FuselineError): unknown {
  if (step.kind === 'value') return copyOf(step.value);
  if (step.kind === 'function') return user.call(step.run, new Context(told, makeError) as never);
  // Refused when the function was protected.
  throw new Error('a function keeps no last good response');
}

class Context implements FallbackContext {
  readonly params: unknown;
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  readonly #makeError: () => FuselineError;
  #error: FuselineError | undefined;

  constructor({ params, operation, signal }: Omit<FallbackContext, 'error'>, makeError: () => FuselineError) {
    this.params = params;
    this.operation = operation;
    this.signal = signal;
    this.#makeError = makeError;
  }

  get error(): FuselineError {
    this.#error ??= this.#makeError();
    return this.#error;
  }
}
