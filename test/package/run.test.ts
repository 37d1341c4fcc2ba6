import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { compile } from './project.js';
import { mustRun } from './shell.js';
import { startVendor } from './vendor.js';

const project = inject('project');

/** What each program is answered at first, and what it must then have seen: an answer, two failures, and an open circuit. */
const programs = [
  {
    name: 'ghl',
    answer: { contact: { id: 'ctc_1', firstName: 'Ada' } },
    request: 'GET /contacts/ctc_1',
    sources: ['network Ada', 'fallback Mara', 'fallback Mara', 'fallback Mara', 'fallback Mara'],
  },
  {
    name: 'sendgrid',
    answer: undefined,
    request: 'POST /v3/mail/send',
    sources: ['network undefined', 'http 500', 'http 500', 'circuit_open', 'circuit_open'],
  },
  {
    name: 'retell',
    answer: { concurrency_limit: 20 },
    request: 'GET /get-concurrency',
    sources: ['network 20', 'cache 20', 'cache 20', 'cache 20', 'cache 20'],
  },
  {
    name: 'lyrio',
    answer: { id: 'act_1' },
    request: 'POST /activities',
    sources: ['network {"id":"act_1"}', ...Array.from({ length: 4 }, () => 'fallback {"queued":true}')],
  },
];

beforeAll(async () => {
  await cp(fileURLToPath(new URL('programs/', import.meta.url)), join(project, 'src'), { recursive: true });
  // Whether it compiles without error is for the type tests to say.
  await compile(project, 'src', { outDir: 'out', unchecked: true });
});

describe.each(inject('nodes'))('on Node $version', ({ version, path }) => {
  it.skipIf(path === undefined)(path === undefined ? `(skipped: npx cannot fetch node@${version})` : 'is that Node', async () => {
    const { stdout } = await mustRun(path ?? '', ['--version'], { cwd: project });
    expect(stdout).toMatch(new RegExp(`^v${version}\\b`));
  });

  it.skipIf(path === undefined).each(programs)(
    '$name: the circuit opens and the fallback answers',
    async ({ name, answer, request, sources }) => {
      const vendor = await startVendor(answer);
      try {
        const { stdout } = await mustRun(path ?? '', [`out/${name}.js`], { cwd: project, env: { VENDOR: vendor.url } });
        expect(JSON.parse(stdout)).toEqual({ sources, state: 'open' });
        expect(vendor.requests).toEqual([request, request, request]);
      } finally {
        vendor.close();
      }
    },
  );

  it.skipIf(path === undefined)('health: a server on loopback answers', async () => {
    const { stdout } = await mustRun(path ?? '', ['out/health.js'], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ opened: 200, status: 'critical', refused: 403, streamed: 'ticktick' });
  });

  it.skipIf(path === undefined)('dashboard: the page comes with its script, and the stream with the token', async () => {
    const { stdout } = await mustRun(path ?? '', ['out/dashboard.js'], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ page: 200, allowed: true, refused: 401, first: 'event: state', state: 'open' });
  });
});
