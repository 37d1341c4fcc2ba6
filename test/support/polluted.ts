const ALL = Object.prototype as unknown as Record<string, unknown>;

/** Runs synchronous work while every object has a property. */
export function polluted<T>(name: string, value: unknown, work: () => T): T {
  ALL[name] = value;
  try {
    return work();
  } finally {
    delete ALL[name];
  }
}

/** As `polluted`, until the promise of the work is settled. */
export async function pollutedUntil<T>(name: string, value: unknown, work: () => Promise<T>): Promise<T> {
  ALL[name] = value;
  try {
    return await work();
  } finally {
    delete ALL[name];
  }
}
