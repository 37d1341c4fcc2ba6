/** What someone may still wait for when nothing else keeps the process alive. */
export interface Holder {
  /** Keeps it alive, where someone waits. */
  hold(): void;
}

/** Few: one for each duration that is configured. Those that are gone leave a word of memory. */
const holders: WeakRef<Holder>[] = [];

/**
 * Asks the holder to keep the process alive when it is about to end by itself. Only then: to say so at each call would cost a tenth of a protected
 * no-op, and mostly something else keeps the process alive anyway.
 */
export function holdsAtExit(holder: Holder): void {
  // Elsewhere than in a process nothing ends.
  if (holders.length === 0 && typeof process !== 'undefined') process.on?.('beforeExit', holdAll);
  holders.push(new WeakRef(holder));
}

/** The process is about to end. It does unless someone holds it, and asks again when that is over. */
export function holdAll(): void {
  for (const holder of holders) holder.deref()?.hold();
}
