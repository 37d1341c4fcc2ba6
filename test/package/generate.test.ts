import { cp, readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { compile, writeFiles } from './project.js';
import { type Finished, mustRun, run } from './shell.js';
import { startVendor } from './vendor.js';

const own = fileURLToPath(new URL('own/', import.meta.url));
const projects = [
  { kind: 'without a TypeScript of its own', project: inject('project'), mocks: false },
  // msw's declarations name types of the DOM.
  { kind: 'with TypeScript 7 and msw', project: inject('typescript7Project'), mocks: true },
];

const program = `
import { HttpError } from 'fuseline';
import { type Task, TasksClient } from './clients/tasks/index.js';

const tasks = new TasksClient({ token: 'test', baseUrl: process.env['VENDOR'], retry: false });
const sources: string[] = [];
for (let turn = 0; turn < 5; turn++) {
  const answer = await tasks.tasks.get({ taskId: 'tsk_1' }).result();
  const task: Task | undefined = answer.ok ? answer.data : undefined;
  sources.push(answer.ok ? \`\${answer.source} \${task?.title}\` : \`\${answer.error instanceof HttpError}\`);
}
// @ts-expect-error a title is text
new TasksClient({ fallbacks: { 'tasks.get': { title: 1 } } });
console.log(JSON.stringify({ sources, state: tasks.breaker('tasks.get').state }));
`;

describe.sequential.each(projects)('npx fuseline in a project $kind', ({ project, mocks }) => {
  const folder = join(project, 'own');
  const clients = join(folder, 'src/clients');
  const generate = (...more: string[]): Promise<Finished> =>
    run(
      'npx',
      ['--no-install', 'fuseline', 'generate', '--specs', './specs', '--breakers', './breakers.yaml', '--out', './src/clients', ...more],
      {
        cwd: folder,
      },
    );
  let generated: Finished;

  beforeAll(async () => {
    await cp(own, folder, { recursive: true });
    await writeFiles(folder, { 'src/main.ts': program });
    generated = await generate();
  });

  it('writes the client of an own document, and mocks where the project has msw', async () => {
    expect(generated.code, generated.output).toBe(0);
    expect(await readdir(clients)).toContain('tasks');
    expect((await readdir(join(clients, 'tasks'))).includes('msw.ts')).toBe(mocks);
  });

  it('writes code that imports fuseline by name and nothing outside its folder', async () => {
    const names = new Set<string>();
    const files = (await readdir(clients, { recursive: true })).filter((file) => file.endsWith('.ts'));
    for (const file of files) {
      const path = join(clients, file);
      for (const [, name = ''] of (await readFile(path, 'utf8')).matchAll(/(?:from|import) '([^']+)'/g)) {
        if (!name.startsWith('.')) names.add(name);
        else expect(resolve(dirname(path), name).startsWith(clients + sep), `${file}: ${name}`).toBe(true);
      }
    }
    expect(files.length).toBeGreaterThan(3);
    expect([...names].sort()).toEqual(mocks ? ['fuseline', 'msw'] : ['fuseline']);
  });

  it('writes code that compiles and works', async () => {
    const lib = mocks ? ['ES2022', 'DOM', 'DOM.Iterable'] : ['ES2022'];
    expect(await compile(project, 'own/src', { lib, outDir: 'own/out' })).toBe('');
    const vendor = await startVendor({ title: 'Call Mara' });
    try {
      const { stdout } = await mustRun(process.execPath, ['own/out/main.js'], { cwd: project, env: { VENDOR: vendor.url } });
      const fallback = 'fallback from the YAML';
      expect(JSON.parse(stdout)).toEqual({ sources: ['network Call Mara', fallback, fallback, fallback, fallback], state: 'open' });
      expect(vendor.requests).toEqual(Array.from({ length: 3 }, () => 'GET /tasks/tsk_1'));
    } finally {
      vendor.close();
    }
  });

  it('tells whether the code is up to date', async () => {
    expect((await generate('--check')).code).toBe(0);
    await writeFiles(folder, {
      'breakers.yaml': (await readFile(join(own, 'breakers.yaml'), 'utf8')).replace('failure_threshold: 2', 'failure_threshold: 7'),
    });
    const stale = await generate('--check');
    expect(stale.code, stale.output).toBe(3);
    expect(stale.output).toContain('tasks/config.ts');
  });
});

it("generates the package's own services anew, with other thresholds", async () => {
  const project = inject('project');
  const specs = 'node_modules/fuseline/specs';
  const text = await readFile(join(project, specs, 'breakers.yaml'), 'utf8');
  await writeFiles(project, { 'tuned/breakers.yaml': text.replace(/(lyrio:\s+failure_threshold:) \d+/, '$1 9') });
  const args = ['generate', '--specs', specs, '--breakers', 'tuned/breakers.yaml', '--out', 'tuned/src'];
  await mustRun('npx', ['--no-install', 'fuseline', ...args], { cwd: project });
  expect(await readFile(join(project, 'tuned/src/lyrio/config.ts'), 'utf8')).toMatch(/failureThreshold: 9/);
  expect(await compile(project, 'tuned/src')).toBe('');
});
