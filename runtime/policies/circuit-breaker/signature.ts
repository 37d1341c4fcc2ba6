import type { BreakerOptions } from './options.js';

/** Returns true if all options are equal. */
export function sameOptions(a: BreakerOptions, b: BreakerOptions): boolean {
  return signature(a) === signature(b);
}

/** Returns the options as one string without spaces. Equal options give equal strings. */
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

/** Joins the values of a block. Checked options always have their keys in the same order. */
function values(block: object): string {
  return Object.values(block).join('_');
}
