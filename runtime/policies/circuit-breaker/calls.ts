/**
 * Which calls failed. A call with retries has several attempts, and each attempt is a sample. But the attempts of one call alone say little of a
 * service: they may all ask for the one record that it cannot read. So they open no circuit; see docs/policies/order.md.
 */

/** The number of work that makes one attempt only, and therefore differs from every other work. */
export const ONE_ATTEMPT = 0;

/** More than one call failed. */
export const SEVERAL = -1;

/** One call without a number failed. */
const UNNUMBERED = -2;

let lastNumber = 0;

/** Returns a number for a call that may make several attempts. */
export function nextCallNumber(): number {
  return ++lastNumber;
}

/** Returns which call the failures in a row come from. `before` is what this function returned for the failure before, and undefined for the first. */
export function failedBy(before: number | undefined, call: number): number {
  const known = call === ONE_ATTEMPT ? UNNUMBERED : call;
  if (before === undefined) return known;
  return before === known && known !== UNNUMBERED ? known : SEVERAL;
}
