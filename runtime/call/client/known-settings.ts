import type { CallSettings } from '../settings.js';
import type { CallOptions } from './options.js';

/** How many settings are remembered for each operation. A program has few kinds of calls. */
const REMEMBERED = 4;

/** The options of a call that change its settings. */
export type SettingOptions = Pick<
  CallOptions,
  'fallback' | 'timeoutMs' | 'totalTimeoutMs' | 'retry' | 'idempotent' | 'coalesce' | 'maxWaitMs'
>;

/** Options, always in the same object layout, and the settings that they gave. */
interface Known {
  readonly given: SettingOptions;
  readonly settings: CallSettings;
}

/**
 * The settings that the last calls of an operation got from their own options. Most calls that have options have the same ones again, in an object made
 * anew. Options that hold an object are not remembered, because the object can change.
 */
export class KnownSettings {
  readonly #known: Known[] = [];
  #next = 0;

  find({ fallback, timeoutMs, totalTimeoutMs, retry, idempotent, coalesce, maxWaitMs }: SettingOptions): CallSettings | undefined {
    for (let at = 0; at < this.#known.length; at++) {
      const { given, settings } = this.#known[at] as Known;
      if (
        given.timeoutMs === timeoutMs &&
        given.fallback === fallback &&
        given.retry === retry &&
        given.totalTimeoutMs === totalTimeoutMs &&
        given.idempotent === idempotent &&
        given.coalesce === coalesce &&
        given.maxWaitMs === maxWaitMs
      )
        return settings;
    }
    return undefined;
  }

  keep(given: SettingOptions, settings: CallSettings): void {
    if (isObject(given.fallback) || isObject(given.retry)) return;
    this.#known[this.#next] = { given, settings };
    this.#next = (this.#next + 1) % REMEMBERED;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
