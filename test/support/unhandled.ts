import { afterEach, beforeEach, expect } from 'vitest';

/** Fails each test of the file that leaves a rejection which nobody handles. `settle` lets those come up that are on their way. */
export function noUnhandledRejections(settle: () => Promise<void>): void {
  const unhandled: unknown[] = [];
  const remember = (fault: unknown): void => void unhandled.push(fault);

  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', remember);
  });

  afterEach(async () => {
    await settle();
    process.off('unhandledRejection', remember);
    expect(unhandled).toEqual([]);
  });
}
