import { afterEach, describe, expect, test } from 'vitest';
import { TestProject } from './project.js';

let project: TestProject;
afterEach(() => project.remove());

const SHIPPED = /^There is no folder specs here\. The command reads the clients that fuseline ships \(.*specs\)\.\n/;

describe('a project without documents of its own', () => {
  test('is told of the clients that fuseline ships', async () => {
    project = new TestProject();
    const { code, stdout, stderr } = await project.run('explain ghl contacts.get');
    expect([code, stderr]).toEqual([0, expect.stringMatching(SHIPPED)]);
    expect(stdout).toMatch(/ {2}failure_threshold +3 +service ghl +\S*specs\/breakers\.yaml:\d+\n/);
  });

  test('can check them', async () => {
    project = new TestProject();
    const { code, stderr } = await project.run('validate');
    expect([code, stderr]).toEqual([0, expect.stringMatching(SHIPPED)]);
    expect(stderr).toMatch(/✓ ghl: \d+ operations/);
  });

  test('has no generated files to check', async () => {
    for (const files of [{}, { 'breakers.yaml': 'circuit_breaker: { services: { ghl: { timeout_seconds: 5 } } }\n' }]) {
      project = new TestProject(files);
      const { code, stderr } = await project.run('check');
      expect([code, stderr]).toEqual([1, expect.stringContaining('To check its breaker YAML, run `fuseline validate`.')]);
      project.remove();
    }
    project = new TestProject({ 'specs/acme.yaml': 'openapi: 3.1.0\n' });
    expect((await project.run('check')).stderr).not.toContain('fuseline validate');
  });

  test('gets rules of their thresholds', async () => {
    project = new TestProject();
    const { code, stderr } = await project.run('dashboards --out ops');
    expect([code, stderr]).toEqual([0, expect.stringMatching(SHIPPED)]);
    expect(Object.keys(project.snapshot()).some((path) => path.startsWith('ops/'))).toBe(true);
    expect(JSON.stringify(project.snapshot())).toContain('sendgrid');
  });

  test('plays an outage of theirs', async () => {
    const text =
      'service: ghl\nduration: 60\ntraffic: 5\noperations: { contacts.get: 1 }\nphases:\n  - { at: 10, for: 20, error_rate: 1 }\n';
    project = new TestProject({ 'outage.yaml': text });
    const { code, stdout, stderr } = await project.run('simulate --scenario outage.yaml');
    expect([code, stderr]).toEqual([0, expect.stringMatching(SHIPPED)]);
    expect(stdout).toContain('contacts.get');
  });

  test('is told nothing where it names its own, or writes', async () => {
    project = new TestProject();
    for (const args of ['explain ghl --specs other', 'explain ghl --breakers other.yaml', 'validate --breakers other.yaml', 'generate']) {
      const { code, stderr } = await project.run(args);
      expect([args, code]).toEqual([args, 1]);
      expect(stderr).not.toContain('that fuseline ships');
      expect(stderr).toContain('missing-file');
    }
  });
});

test('a folder of documents, even without the file, is meant', async () => {
  project = new TestProject({ 'specs/acme.yaml': 'openapi: 3.1.0\n' });
  const { code, stderr } = await project.run('explain ghl');
  expect(code).toBe(1);
  expect(stderr).not.toContain('that fuseline ships');
});
