import { defaultRegistry } from 'fuseline';
import { afterAll, expect } from 'vitest';

/** Setup of the files that share a process: each gives back what another file could stumble over, or fails. */
const found = state();

afterAll(() => expect(state(), 'what this file leaves behind in its process').toEqual(found));

function state(): Record<string, unknown> {
  return {
    'folder of the process': process.cwd(),
    'environment variables': Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))),
    // The runtime itself listens to `beforeExit`, once and for good.
    'listeners of the process': Object.fromEntries(
      process.eventNames().flatMap((name) => (name === 'beforeExit' ? [] : [[String(name), process.listenerCount(name)]])),
    ),
    'circuits of the default registry': defaultRegistry.list().map(({ name }) => name),
  };
}
