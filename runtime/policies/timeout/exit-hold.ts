/** A list of deadlines that can keep the process alive. */
export interface Holder {
  /** Keeps the process alive if a caller waits. */
  hold(): void;
}

/** One holder per configured duration, so there are few. A collected holder leaves only its empty `WeakRef`. */
const holders: WeakRef<Holder>[] = [];

/**
 * Calls `hold` when the process is about to exit because its event loop is empty. Calling `ref` for each call instead would add 10 % to a protected
 * no-op, and in most cases something else keeps the process alive anyway.
 */
export function holdsAtExit(holder: Holder): void {
  // Browsers and edge runtimes have no process that could exit.
  if (holders.length === 0 && typeof process !== 'undefined') process.on?.('beforeExit', holdAll);
  holders.push(new WeakRef(holder));
}

/** Called on `beforeExit`, which Node emits again after the event loop has emptied again. */
export function holdAll(): void {
  for (const holder of holders) holder.deref()?.hold();
}

/**
 * Returns true if another part of the program acts on `beforeExit`. It takes an empty event loop for the end and does not wait for what is held only
 * then: `node:test` cancels the test that runs.
 */
export function endIsWatched(): boolean {
  // Browsers and edge runtimes have no process that could exit.
  return typeof process !== 'undefined' && (process.listeners?.('beforeExit').some((listener) => listener !== holdAll) ?? false);
}
