import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { compile } from './project.js';
import { mustRun } from './shell.js';

// msw's declarations name types of the DOM.
const lib = ['ES2022', 'DOM', 'DOM.Iterable'];

it("a user's test with mocks and a clock that stands still compiles and runs", async () => {
  const project = inject('typescript7Project');
  await cp(fileURLToPath(new URL('mocked/', import.meta.url)), join(project, 'mocked'), { recursive: true });
  expect(await compile(project, 'mocked', { lib, outDir: 'mocked-out' })).toBe('');
  const { stdout } = await mustRun(process.execPath, ['mocked-out/contacts.js'], { cwd: project });
  expect(JSON.parse(stdout)).toEqual({
    states: ['closed', 'open', 'open', 'half_open', 'closed'],
    answered: true,
    requests: 3,
  });
});
