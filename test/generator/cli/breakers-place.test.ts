import { afterEach, describe, expect, test } from 'vitest';
import { BREAKERS, FILES, TestProject } from './project.js';

let project: TestProject;
afterEach(() => project.remove());

const { 'specs/breakers.yaml': _, ...DOCUMENTS } = FILES as Record<string, string>;
const OTHER = BREAKERS.replace('failure_threshold: 5', 'failure_threshold: 7');
const SCENARIO = 'service: acme\nduration: 5\ntraffic: 1\nphases:\n  - { at: 1, for: 2, error_rate: 1 }\n';

describe('without --breakers, the breaker YAML is', () => {
  test.each(['generate', 'check', 'validate', 'explain acme', 'dashboards', 'simulate --scenario outage.yaml'])(
    'breakers.yaml here or beside the documents, and an error if the two differ: %s',
    async (command) => {
      project = new TestProject({ ...DOCUMENTS, 'breakers.yaml': BREAKERS, 'outage.yaml': SCENARIO });
      const done = command === 'check' ? 3 : 0;
      const here = await project.run(command);
      expect([here.code, here.stderr]).toEqual([done, expect.not.stringContaining('error')]);
      project.write('specs/breakers.yaml', BREAKERS);
      expect((await project.run(command)).code).toBe(done);
      project.write('specs/breakers.yaml', OTHER);
      const { code, stderr } = await project.run(command);
      expect(code).toBe(1);
      expect(stderr).toContain('There are two breaker YAMLs, breakers.yaml and specs/breakers.yaml, and they differ.');
      expect(stderr).toContain('--breakers specs/breakers.yaml');
      expect((await project.run(`${command} --breakers specs/breakers.yaml`)).code).not.toBe(1);
    },
  );

  test('said, if it is the one here', async () => {
    project = new TestProject({ ...DOCUMENTS, 'breakers.yaml': BREAKERS });
    for (const command of ['validate', 'generate', 'dashboards'])
      expect((await project.run(command)).stderr).toContain('Read breakers.yaml.\n');
    expect((await project.run('validate --breakers breakers.yaml')).stderr).not.toContain('Read ');
  });

  test('the one beside the documents, also where the documents are elsewhere', async () => {
    const moved = Object.fromEntries(Object.entries(FILES).map(([path, text]) => [path.replace('specs/', 'api/'), text]));
    project = new TestProject(moved);
    const { code, stderr } = await project.run('validate --specs api');
    expect([code, stderr]).toEqual([0, '✓ acme: 2 operations in 1 document\n']);
  });
});
