/**
 * Runs code of the user's that must change nothing, whatever it does: what it throws is dropped, and so is the rejection of a promise that it
 * returns, which would otherwise end the process.
 */
export function quietly<T>(work: () => T): T | undefined {
  try {
    const returned = work();
    // A promise of another library or realm, too.
    if (typeof returned === 'object' && returned !== null && 'then' in returned) Promise.resolve(returned).catch(() => undefined);
    return returned;
  } catch {
    return undefined;
  }
}
