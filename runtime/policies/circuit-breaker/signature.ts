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

/** Checked options have their keys in one order, whatever order they were given in. */
function values(block: object): string {
  return Object.values(block).join('_');
}
