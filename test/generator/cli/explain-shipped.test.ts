import { afterEach, describe, expect, test } from 'vitest';
import { ACME_SPEC, TestProject } from './project.js';

let project: TestProject;
afterEach(() => project.remove());

const OURS = `circuit_breaker:
  defaults: { retry: { max_delay_seconds: 3 } }
  services:
    ghl:
      failure_threshold: 9
      timeout_seconds: 7
      operations:
        contacts.get: { total_timeout_seconds: 4 }
        calendars.get: { fallback: false }
environments:
  staging: { circuit_breaker: { services: { ghl: { success_threshold: 8 } } } }
`;
const HOW = (file: string): string =>
  `\n${file} takes effect in a process that calls applyBreakers or watchBreakers (fuseline/config) with it. Without that, fuseline/ghl keeps the values that it was generated with.\n`;

describe('a project that installs a client and has a file of its own', () => {
  test('sees the shipped values and its own, where each comes from, and what the file needs to take effect', async () => {
    project = new TestProject({ 'breakers.yaml': OURS });
    const { code, stdout, stderr } = await project.run('explain ghl contacts.get');
    expect([code, stderr]).toEqual([0, '']);
    const shipped = String.raw`\S*specs/breakers\.yaml:\d+\n`;
    expect(stdout).toMatch(/^ghl contacts\.get\n/);
    expect(stdout).toMatch(/ {2}failure_threshold +9 +service ghl +breakers\.yaml:5\n/);
    expect(stdout).toMatch(/ {2}retry\.max_delay_seconds +3 s +defaults +breakers\.yaml:2\n/);
    expect(stdout).toMatch(/ {2}retry\.max_attempts +3 +built-in default\n/);
    expect(stdout).toMatch(new RegExp(` {2}success_threshold +3 +generated: defaults +${shipped}`));
    expect(stdout).toMatch(new RegExp(` {2}fallback +last good .* +generated: operation contacts\\.get +${shipped}`));
    expect(stdout.endsWith(HOW('breakers.yaml'))).toBe(true);
  });

  test('sees a shipped limit that its own one shortens, as a client has it', async () => {
    project = new TestProject({ 'breakers.yaml': OURS });
    const { stdout } = await project.run('explain ghl contacts.get');
    expect(stdout).toMatch(/ {2}timeout_seconds +4 s +generated: operation contacts\.get, made to fit the stronger limit/);
    expect(stdout).toMatch(/ {2}total_timeout_seconds +4 s +operation contacts\.get +breakers\.yaml:8\n/);
  });

  test('sees environments of both files', async () => {
    project = new TestProject({ 'breakers.yaml': OURS });
    expect((await project.run('explain ghl --environment staging')).stdout).toMatch(
      / {2}success_threshold +8 +environments\.staging: service ghl +breakers\.yaml:11\n/,
    );
    expect((await project.run('explain ghl --environment test')).stdout).toMatch(
      / {2}recovery_timeout_seconds +1 s +generated: environments\.test: defaults /,
    );
    expect((await project.run('explain ghl --environment stagin')).stderr).toContain('Did you mean staging?');
  });

  test('as JSON', async () => {
    project = new TestProject({ 'breakers.yaml': OURS });
    const { stdout } = await project.run('explain ghl calendars.get --json');
    expect(JSON.parse(stdout)).toMatchObject({
      generatedFrom: expect.stringMatching(/specs\/breakers\.yaml$/),
      settings: expect.arrayContaining([
        expect.objectContaining({ key: 'fallback', value: [], origin: 'operation calendars.get' }),
        expect.objectContaining({ key: 'timeoutMs', value: 5_000, origin: 'generated: operation calendars.get' }),
      ]),
    });
  });

  test.each([
    ['explain ghl contacts.get --breakers config/ours.yaml', 'config/ours.yaml'],
    ['explain ghl contacts.get', 'specs/breakers.yaml'],
  ])('%s finds the file', async (args, file) => {
    project = new TestProject({ [file]: OURS });
    expect((await project.run(args)).stdout.endsWith(HOW(file))).toBe(true);
  });

  test('has its file checked against the client', async () => {
    project = new TestProject({ 'breakers.yaml': OURS.replace('calendars.get', 'calendars.gett') });
    const { code, stdout, stderr } = await project.run('explain ghl contacts.get');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('breakers.yaml:9:9');
    expect(stderr).toContain('Did you mean `calendars.get`?');
  });

  test('has its fallback values checked against what the client gives', async () => {
    project = new TestProject({ 'breakers.yaml': OURS.replace('fallback: false', 'fallback: { value: { calendar: 7 } }') });
    const { code, stderr } = await project.run('explain ghl contacts.get');
    expect(code).toBe(1);
    expect(stderr).toContain('breakers.yaml:9:');
    expect(stderr).toContain('The fallback value of `calendars.get` is not a possible result of the operation: /calendar must be object');
  });
});

test('a client that the project generates itself is explained by its file alone', async () => {
  project = new TestProject({
    'specs/ghl.yaml': ACME_SPEC,
    'specs/breakers.yaml': 'circuit_breaker: { services: { ghl: { failure_threshold: 9 } } }',
  });
  const { stdout } = await project.run('explain ghl contacts.get');
  expect(stdout).toMatch(/ {2}failure_threshold +9 +service ghl /);
  expect(stdout).not.toContain('generated');
});

test('a shipped client beside documents of other services is explained over what was shipped', async () => {
  project = new TestProject({
    'specs/acme.yaml': ACME_SPEC,
    'specs/breakers.yaml': 'circuit_breaker: { services: { acme: {} } }',
  });
  const { stdout } = await project.run('explain ghl contacts.get');
  expect(stdout).toMatch(/ {2}timeout_seconds +10 s +generated: operation contacts\.get /);
});
