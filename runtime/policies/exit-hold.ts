/** What someone may still wait for when nothing else keeps the process alive. */
export interface Holder {
  /** Keeps it alive, where someone waits. */
  hold(): void;
}

const holders = new Set<WeakRef<Holder>>();
let listening = false;

/**
 * Asks the holder to keep the process alive when it is about to end by itself. Only then: to say so at each call would cost as much as a third of a
 * protected no-op, and mostly something else keeps the process alive anyway.
 */
export function holdsAtExit(holder: Holder): void {
  holders.add(new WeakRef(holder));
  // Elsewhere than in a process nothing ends.
  if (listening || typeof process === 'undefined') return;
  listening = true;
  process.on?.('beforeExit', holdAll);
}

/** The process is about to end. It does unless someone holds it, and asks again when that is over. */
export function holdAll(): void {
  for (const held of holders) {
    const holder = held.deref();
    if (holder === undefined) holders.delete(held);
    else holder.hold();
  }
}
