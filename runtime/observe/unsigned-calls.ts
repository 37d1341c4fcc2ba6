/** The calls of one circuit that got no token, so nothing was sent. The circuit does not count them. */
export interface UnsignedCalls {
  count: number;
  /** The time of the last one, as wall-clock milliseconds. */
  lastAt: number;
  /** The name of the sign-in that gave no token to the last one. Undefined if a token function of the user failed. */
  signIn: string | undefined;
}

const counts = new WeakMap<object, UnsignedCalls>();

/** Returns the counts of a circuit; undefined if all its calls got a token. */
export function unsignedCalls(circuit: object): Readonly<UnsignedCalls> | undefined {
  return counts.get(circuit);
}

/** Counts one call that got no token. */
export function countUnsigned(circuit: object, at: number, signIn: string | undefined): void {
  const count = (counts.get(circuit)?.count ?? 0) + 1;
  counts.set(circuit, { count, lastAt: at, signIn });
}
