import type { BreakerOptions } from './options.js';

/** Do two circuits open and recover alike? */
export function sameOptions(a: BreakerOptions, b: BreakerOptions): boolean {
  return signature(a) === signature(b);
}

/** The options in one word: equal options, equal words. */
export function signature({ slidingWindow, reopenBackoff, ramp, ...options }: BreakerOptions): string {
  const basic = `${options.failureThreshold}-${options.successThreshold}-${options.recoveryTimeoutMs}-${options.halfOpenMaxCalls}`;
  const more = [
    ['w', slidingWindow],
    ['b', reopenBackoff],
    ['r', ramp],
  ] as const;
  const blocks = more.map(([letter, block]) => (block === undefined ? '' : `-${letter}${values(block)}`));
  return `${basic}${options.enabled ? '' : '-off'}${blocks.join('')}`;
}

/** Values in the order of the keys, whatever order they were given in. */
function values(block: object): string {
  return Object.entries(block)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => String(value))
    .join('_');
}
