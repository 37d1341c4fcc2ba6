/** Milliseconds to wait for what must happen soon. Long, since a busy machine is slow: only a test that fails waits for so long. */
export const PATIENCE_MS = 120_000;
