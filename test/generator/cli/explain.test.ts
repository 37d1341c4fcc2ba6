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

  test('policies that are off take one line, unless someone set something of them', async () => {
    const { stdout } = await project.run('explain acme contacts.get');
    expect(stdout).toMatch(/\n {2}off: sliding_window, reopen_backoff, ramp, adaptive, bulkhead, rate_limit, coalesce\n$/);
    expect(stdout.split('\n').length).toBeLessThan(32);
    expect(stdout).not.toMatch(/sliding_window\.|bulkhead\.|adaptive\./);
    const env = { FUSELINE_RAMP_DURATION_SECONDS: '7', FUSELINE_BULKHEAD_MAX_QUEUE: '5' };
    const set = (await project.run('explain acme contacts.get', { env })).stdout;
    expect(set).toMatch(/ {2}ramp\.duration_seconds +7 s +environment variable/);
    expect(set).toMatch(/ {2}ramp\.initial_share +0\.1 +built-in default/);
    expect(set).toMatch(/ {2}bulkhead\.max_queue +5 +environment variable FUSELINE_BULKHEAD_MAX_QUEUE\n/);
    expect(set).toMatch(/\n {2}off: sliding_window, reopen_backoff, adaptive, bulkhead, rate_limit, coalesce\n$/);
  });

  test('--all shows them, and so does --json', async () => {
    const { stdout } = await project.run('explain acme contacts.get --all');
    expect(stdout).not.toContain('off: ');
    for (const key of ['sliding_window.enabled', 'adaptive.mode', 'bulkhead.max_wait_seconds', 'rate_limit.scope', 'coalesce'])
      expect(stdout).toContain(`  ${key} `);
    const { settings } = JSON.parse((await project.run('explain acme --json')).stdout) as { settings: readonly { yamlKey: string }[] };
    expect(settings.map(({ yamlKey }) => yamlKey)).toEqual(expect.arrayContaining(['sliding_window.enabled', 'coalesce']));
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

  test('shows what no YAML has: what the environment decides, and what only code can set', async () => {
    const plain = (await project.run('explain acme contacts.get')).stdout;
    for (const row of ['redirects +error', 'compression +true', 'captureStack +false', 'maxConnections +256', 'proxy +none'])
      expect(plain).toMatch(new RegExp(`^  client: ${row} +built-in default$`, 'm'));
    expect(plain).toMatch(/^ {2}set in code only: redirects, compression, captureStack, .*ready and close/m);
    const env = { FUSELINE_MAX_CONNECTIONS: '8', HTTPS_PROXY: 'http://user:secret@proxy.test', FUSELINE_ENV: 'dev' };
    const { stdout } = await project.run('explain acme contacts.get', { env });
    expect(stdout).toMatch(/^ {2}client: maxConnections +8 +environment variable FUSELINE_MAX_CONNECTIONS$/m);
    expect(stdout).toMatch(/^ {2}client: proxy +on +environment variable HTTPS_PROXY$/m);
    expect(stdout).toMatch(/^ {2}client: captureStack +true +environment dev$/m);
    expect(stdout).not.toContain('secret');
    const json = JSON.parse((await project.run('explain acme --json', { env })).stdout) as { client: unknown };
    expect(json.client).toContainEqual({ option: 'maxConnections', shown: '8', origin: 'environment variable FUSELINE_MAX_CONNECTIONS' });
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
