import { afterEach, describe, expect, test } from 'vitest';
import { ACME_SPEC, TestProject } from './project.js';

let project: TestProject;
afterEach(() => project.remove());

const OURS = `circuit_breaker:
  services:
    ghl:
      operations:
        contacts.get: { total_timeout_seconds: 4, fallback: [{ last_good: { max_age_seconds: 60 } }] }
`;

describe('fuseline validate, of a service whose client fuseline ships', () => {
  test.each(['breakers.yaml', 'specs/breakers.yaml'])('accepts %s, although the project has no document of it', async (file) => {
    project = new TestProject({ [file]: OURS });
    const { code, stderr } = await project.run('validate');
    expect(stderr).toMatch(/^✓ ghl: \d+ operations of fuseline\/ghl\n/);
    expect(code).toBe(0);
    expect(JSON.parse((await project.run('validate --json')).stdout)).toMatchObject({
      ok: true,
      services: [{ name: 'ghl', shipped: true }],
      diagnostics: [],
    });
  });

  test('beside a service of the project', async () => {
    project = new TestProject({ 'specs/acme.yaml': ACME_SPEC, 'breakers.yaml': `${OURS}    acme: {}\n` });
    const { code, stderr } = await project.run('validate');
    expect(stderr).toMatch(/^✓ ghl: \d+ operations of fuseline\/ghl\n✓ acme: 2 operations in 1 document\n/);
    expect(code).toBe(0);
  });

  test.each([
    ['a misspelt operation', 'contacts.get:', 'contacts.gett:', 'Did you mean `contacts.get`?'],
    [
      'a fallback that is no result',
      'fallback: [{ last_good: { max_age_seconds: 60 } }]',
      'fallback: { value: 7 }',
      'is not a possible result of the operation',
    ],
    ['a misspelt service', '    ghl:', '    ghll:', 'There is no OpenAPI document of the service `ghll`'],
    ['retries of a write', 'contacts.get: {', 'contacts.create: { retry: true,', 'which is not idempotent'],
  ])('reports %s', async (_, found, written, message) => {
    project = new TestProject({ 'breakers.yaml': OURS.replace(found, written) });
    const { code, stderr } = await project.run('validate');
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  test('a folder of documents that is named must have them all, and generate needs them, too', async () => {
    project = new TestProject({ 'breakers.yaml': OURS, 'api/acme.yaml': ACME_SPEC });
    for (const command of ['validate --specs api', 'generate']) {
      const { code, stderr } = await project.run(command);
      expect(stderr).toContain('There is no OpenAPI document of the service `ghl`');
      expect(code).toBe(1);
    }
  });

  test('the pasted block about services that follow others', async () => {
    project = new TestProject({ 'breakers.yaml': 'circuit_breaker:\n  services:\n    ghl: {}\n    lyrio: { follows: ghl }\n' });
    expect((await project.run('validate')).code).toBe(0);
  });
});

test('fuseline dashboards takes the thresholds of a shipped client where the file sets none', async () => {
  project = new TestProject({ 'breakers.yaml': OURS, 'specs/acme.yaml': ACME_SPEC });
  expect((await project.run('dashboards')).code).toBe(0);
  // Shipped for GoHighLevel; the built-in default is 5.
  expect(project.read('ops/grafana-dashboard.json')).toContain('3 failures in a row');
  project.write('breakers.yaml', OURS.replace('    ghl:\n', '    ghl:\n      failure_threshold: 9\n'));
  expect((await project.run('dashboards')).code).toBe(0);
  expect(project.read('ops/grafana-dashboard.json')).toContain('9 failures in a row');
});
