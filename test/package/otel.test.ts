import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { writeFiles } from './project.js';
import { mustRun } from './shell.js';

const project = inject('project');

it('fuseline/otel without @opentelemetry/api can be imported, and says what is missing when it is used', async () => {
  const program = `
    import { otel } from 'fuseline/otel';
    try {
      otel();
    } catch (error) {
      console.log(error.code, error.message);
    }`;
  await writeFiles(project, { 'without-otel.mjs': program });
  const { stdout } = await mustRun(process.execPath, [join(project, 'without-otel.mjs')], { cwd: project });
  expect(stdout).toContain('ECONFIG the package @opentelemetry/api is "not to be found", expected version 1.9 or newer. Install it');
});
