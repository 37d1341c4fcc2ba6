import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FILES, TestProject } from './project.js';

let project: TestProject;
beforeAll(() => {
  project = new TestProject(FILES);
});
afterAll(() => project.remove());

describe('fuseline explain', () => {
  test('shows each value, its layer and its line', async () => {
    const { code, stdout, stderr } = await project.run('explain acme contacts.get');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^acme contacts\.get\n/);
    expect(stdout).toMatch(/ {2}failure_threshold +3 +service acme +specs\/breakers\.yaml:7\n/);
    expect(stdout).toMatch(/ {2}timeout_seconds +5 s +operation contacts\.get +specs\/breakers\.yaml:10\n/);
    expect(stdout).toMatch(/ {2}success_threshold +3 +built-in default\n/);
    expect(stdout).toMatch(/ {2}idempotent +true \(GET\) +built-in default\n/);
    expect((await project.run('explain acme contacts.create')).stdout).toMatch(/ {2}idempotent +false \(POST\) +built-in default\n/);
  });

  test('in an environment, with variables', async () => {
    const { stdout } = await project.run('explain acme contacts.get --environment production', { env: { ACME_MAX_RETRY_ATTEMPTS: '7' } });
    expect(stdout).toMatch(/^acme contacts\.get, environment production\n/);
    expect(stdout).toMatch(/failure_threshold +4 +environments\.production: service acme +specs\/breakers\.yaml:18\n/);
    expect(stdout).toMatch(/retry\.max_attempts +7 +environment variable ACME_MAX_RETRY_ATTEMPTS\n/);
    const bad = await project.run('explain acme', { env: { MAX_RETRY_ATTEMPTS: 'many' } });
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('MAX_RETRY_ATTEMPTS');
  });

  test('as JSON', async () => {
    const { stdout } = await project.run('explain acme contacts.get --json', { env: { NODE_ENV: 'test' } });
    expect(JSON.parse(stdout)).toMatchObject({
      service: 'acme',
      operation: 'contacts.get',
      environment: 'test',
      settings: expect.arrayContaining([
        expect.objectContaining({ key: 'timeoutMs', value: 5000, location: expect.objectContaining({ line: 10 }) }),
      ]),
    });
  });

  test.each([
    ['explain acne contacts.get', 'Did you mean `acme`?'],
    ['explain acme contacts.gett', 'acme has no operation "contacts.gett". Did you mean contacts.get?'],
    ['explain acme users.list', 'acme has no operation "users.list". There are contacts.get, contacts.create.'],
    ['explain acme --environment prod', 'specs/breakers.yaml has no environment "prod". Did you mean production?'],
    ['explain acme --environment staging', 'has no environment "staging". There are production.'],
    ['explain acme --breakers nowhere.yaml', 'nowhere.yaml'],
  ])('%s', async (args, message) => {
    const ran = await project.run(args);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(message);
  });
});
