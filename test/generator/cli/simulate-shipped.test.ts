import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { SimulationResult } from '../../../generator/simulator/result/types.js';
import { ACME_SPEC, TestProject } from './project.js';

const SHIPPED = fileURLToPath(new URL('../../../specs/breakers.yaml', import.meta.url));

const SCENARIO = `name: outage
service: ghl
duration: 240
traffic: 10
operations: { contacts.get: 3, contacts.create: 1 }
phases:
  - { name: down, at: 60, for: 60, error_rate: 1 }
`;

const RECORDING = `time,duration,outcome,operation
${Array.from({ length: 600 }, (_, at) => `${at / 5},40,${at >= 200 && at < 400 ? '503' : 'ok'},contacts.get`).join('\n')}
`;

let project: TestProject;
afterEach(() => project.remove());

const ours = (settings: string): string => `circuit_breaker:\n  services:\n    ghl: ${settings}\n`;

async function play(args: string): Promise<{ readonly result: SimulationResult; readonly compared?: SimulationResult }> {
  const { code, stdout, stderr } = await project.run(`simulate ${args} --json`);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('a service that fuseline ships is played with what it was generated with', () => {
  test.each([
    ['a scenario', 'outage.yaml'],
    ['a recording', 'calls.csv --service ghl'],
  ])('where the file says nothing, in %s', async (_, scenario) => {
    project = new TestProject({ 'breakers.yaml': ours('{}'), 'outage.yaml': SCENARIO, 'calls.csv': RECORDING });
    const { result, compared } = await play(`--scenario ${scenario} --compare ${SHIPPED}`);
    expect(result.services).toEqual(compared?.services);
    expect(result.services[0]?.totals.fallback).toBeGreaterThan(0);
  });

  test('with the file as a layer over it, and that of the comparison, too', async () => {
    project = new TestProject({
      'breakers.yaml': ours('{ failure_threshold: 9 }'),
      'other.yaml': ours('{ operations: { contacts.get: { fallback: false } } }'),
      'outage.yaml': SCENARIO,
    });
    const { result, compared } = await play('--scenario outage.yaml --compare other.yaml');
    const opened = await project.run('simulate --scenario outage.yaml');
    expect(opened.stdout).toContain('closed → open: 9 failures in a row');
    const fallbacks = ({ services }: SimulationResult) => services[0]?.operations.map(({ id, totals }) => [id, totals.fallback > 0]);
    expect(fallbacks(result)).toEqual([
      ['contacts.get', true],
      ['contacts.create', false],
    ]);
    expect(compared && fallbacks(compared)).toEqual([
      ['contacts.get', false],
      ['contacts.create', false],
    ]);
  });

  test('in an environment that only the shipped file has', async () => {
    project = new TestProject({ 'breakers.yaml': ours('{}'), 'outage.yaml': SCENARIO });
    const { result } = await play('--scenario outage.yaml --environment test');
    expect(result.environment).toBe('test');
    const refused = await project.run('simulate --scenario outage.yaml --environment tset');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Did you mean test?')]);
  });

  test('and its faults are those of the client that results', async () => {
    project = new TestProject({ 'breakers.yaml': ours('{ operations: { contacts.got: { fallback: false } } }'), 'outage.yaml': SCENARIO });
    const { code, stderr } = await project.run('simulate --scenario outage.yaml');
    expect([code, stderr]).toEqual([1, expect.stringContaining('contacts.got')]);
  });
});

test('a service of that name with documents of the project is its own', async () => {
  const spec = ACME_SPEC;
  project = new TestProject({ 'specs/breakers.yaml': ours('{ specs: [ghl.yaml] }'), 'specs/ghl.yaml': spec, 'outage.yaml': SCENARIO });
  const { result } = await play('--scenario outage.yaml');
  expect(result.services[0]?.totals.fallback).toBe(0);
});
