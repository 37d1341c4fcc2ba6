import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComparedService } from '../../../generator/simulator/report/compare.js';
import type { SimulationResult } from '../../../generator/simulator/result/types.js';
import { FILES, TestProject } from './project.js';

const SCENARIO = `name: outage
service: acme
duration: 300
traffic: 20
operations: { contacts.get: 3, contacts.create: 1 }
latency_ms: { p50: 50, p99: 400 }
phases:
  - { name: down, at: 60, for: 60, error_rate: 1, errors: { 503: 3, network: 1 } }
`;

const OTHER = `circuit_breaker:
  services:
    acme:
      failure_threshold: 10
      recovery_timeout_seconds: 5
      success_threshold: 1
`;

const RECORDING = `time,duration,outcome,operation
${Array.from({ length: 600 }, (_, at) => `${at / 5},40,${at >= 200 && at < 400 ? '503' : 'ok'},contacts.get`).join('\n')}
`;

let project: TestProject;
beforeAll(() => {
  project = new TestProject({ ...FILES, 'outage.yaml': SCENARIO, 'other.yaml': OTHER, 'calls.csv': RECORDING });
});
afterAll(() => project.remove());

const data = async (
  args: string,
  env: Record<string, string> = {},
): Promise<{ result: SimulationResult; compared?: SimulationResult; comparison?: ComparedService[] }> => {
  const { code, stdout, stderr } = await project.run(`simulate ${args} --json`, { env });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

describe('fuseline simulate', () => {
  test('prints a timeline, the calls and the circuits', async () => {
    const { code, stdout, stderr } = await project.run('simulate --scenario outage.yaml');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^outage: 5 min, seed 1, against specs\/breakers\.yaml\n/);
    expect(stdout).toMatch(/ 1:00 +acme +down: 20 calls\/s, 100 % errors \(503 75 %, network 25 %\), 50 ms \(p99 400 ms\)\n/);
    expect(stdout).toMatch(/ 1:00\.\d+ +acme +✗ closed → open: 3 failures in a row, probes after 60 s\n/);
    expect(stdout).toMatch(/ 2:\d\d(\.\d+)? +acme +✓ half-open → closed: after /);
    expect(stdout).toMatch(/\n {2}acme +[\d,]+ /);
    expect(stdout).toMatch(/\n {4}contacts\.get +[\d,]+ /);
    expect(stdout).toMatch(/\n +opened +false opens +time to open +time to recover +not closed\n/);
  });

  test('the counts add up', async () => {
    const { result } = await data('--scenario outage.yaml');
    const [service] = result.services;
    if (service === undefined) throw new Error('no service');
    const { totals, operations, circuits, series } = service;
    expect(totals.calls).toBeGreaterThan(5_500);
    expect(totals.served + totals.fallback + totals.failed).toBe(totals.calls);
    expect(totals.blocked).toBeGreaterThan(800);
    expect(Object.values(totals.errors).reduce((sum, count) => sum + count, 0)).toBe(totals.failed);
    for (const key of ['calls', 'served', 'fallback', 'failed', 'blocked', 'attempts', 'retries'] as const)
      expect(
        operations.reduce((sum, operation) => sum + operation.totals[key], 0),
        key,
      ).toBe(totals[key]);
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
    expect([sum(series.calls), sum(series.blocked), sum(series.attempts)]).toEqual([totals.calls, totals.blocked, totals.attempts]);
    // The one has a fallback, the other none, and is no GET.
    expect(operations.map(({ id, method, totals: each }) => [id, method, each.fallback > 0, each.failed > 0])).toEqual([
      ['contacts.get', 'GET', true, false],
      ['contacts.create', 'POST', false, true],
    ]);
    expect(circuits.map(({ name, opens, falseOpens }) => [name, opens, falseOpens])).toEqual([['acme', 1, 0]]);
    expect(circuits[0]?.timeToOpenMs?.mean).toBeLessThan(2_000);
    expect(service.series.trueRate.some((rate) => rate === 1)).toBe(true);
  });

  test('the same seed gives the same result to the letter, another seed another one', async () => {
    const one = await project.run('simulate --scenario outage.yaml --json');
    expect(await project.run('simulate --scenario outage.yaml --json')).toEqual(one);
    expect((await project.run('simulate --scenario outage.yaml --json --seed 2')).stdout).not.toBe(one.stdout);
    expect((await data('--scenario outage.yaml --seed 2')).result.scenario.seed).toBe(2);
  });

  test('environments and environment variables hold as they do for a client', async () => {
    const opens = (found: { result: SimulationResult }): string | undefined => {
      const change = found.result.services[0]?.circuits[0]?.changes[0];
      return change && `${change.failures} in a row`;
    };
    expect(opens(await data('--scenario outage.yaml'))).toBe('3 in a row');
    expect(opens(await data('--scenario outage.yaml --environment production'))).toBe('4 in a row');
    expect(opens(await data('--scenario outage.yaml', { NODE_ENV: 'production' }))).toBe('4 in a row');
    expect(opens(await data('--scenario outage.yaml', { ACME_CIRCUIT_BREAKER_FAILURE_THRESHOLD: '7' }))).toBe('7 in a row');
    const bad = await project.run('simulate --scenario outage.yaml', { env: { MAX_RETRY_ATTEMPTS: 'many' } });
    expect([bad.code, bad.stdout]).toEqual([1, '']);
    expect(bad.stderr).toContain('MAX_RETRY_ATTEMPTS');
  });

  test('--compare plays both, and says which is better by what', async () => {
    const { stdout } = await project.run('simulate --scenario outage.yaml --compare other.yaml');
    expect(stdout).toContain('against specs/breakers.yaml\n');
    expect(stdout).toContain('against other.yaml\n');
    expect(stdout).toMatch(/\n {2}acme +breakers\.yaml +other\.yaml +difference +better\n/);
    expect(stdout).toMatch(/\n {2}time to open +[\d.]+ m?s +[\d.]+ m?s +\+[\d.]+ m?s +breakers\.yaml\n/);
    const { result, compared, comparison } = await data('--scenario outage.yaml --compare other.yaml');
    const measure = comparison?.[0]?.measures.find(({ key }) => key === 'failed');
    const [a, b] = [result, compared].map((each) => each?.services[0]?.totals.failed ?? Number.NaN) as [number, number];
    expect(measure).toMatchObject({ first: a, second: b, difference: b - a, better: b < a ? 'second' : 'first' });
    // The same callers at the same times: they know nothing of policies.
    expect(compared?.services[0]?.series.calls).toEqual(result.services[0]?.series.calls);
  });

  test('compared with itself nothing is better', async () => {
    const { comparison } = await data('--scenario outage.yaml --compare specs/breakers.yaml');
    expect(
      comparison?.[0]?.measures.filter(({ better, difference }) => better === 'first' || better === 'second' || (difference ?? 0) !== 0),
    ).toEqual([]);
  });

  test('plays a recording', async () => {
    const { result } = await data('--scenario calls.csv');
    const [service] = result.services;
    expect(result.scenario).toMatchObject({ name: 'calls.csv', durationMs: 119_801 });
    expect(result.scenario).not.toHaveProperty('start');
    expect(service?.operations.map(({ id, method, totals }) => [id, method, totals.calls])).toEqual([['contacts.get', 'GET', 600]]);
    expect(service?.circuits[0]?.troubles).toHaveLength(1);
    expect(service?.circuits[0]?.troubles[0]?.rate).toBe(1);
    expect(service?.circuits[0]?.opens).toBeGreaterThan(0);
    const { stdout } = await project.run('simulate --scenario calls.csv');
    expect(stdout).toMatch(/acme +calls begin to fail, up to 100 %\n/);
  });

  test('a recording without services and operations takes them from the options', async () => {
    project.write('plain.csv', 'time,duration,outcome\n0,10,ok\n1,10,500\n2,20,ok\n');
    const { result } = await data('--scenario plain.csv --service acme --operation contacts.create');
    expect(result.services[0]?.operations[0]).toMatchObject({ id: 'contacts.create', method: 'POST' });
    expect(result.services[0]?.totals).toMatchObject({ calls: 3, served: 2, failed: 1, attempts: 3 });
    // A read is tried again, and meets what the latest calls met.
    const read = await data('--scenario plain.csv --operation contacts.get');
    expect(read.result.services[0]?.totals.attempts).toBeGreaterThan(3);
  });

  test.each<[string, number, string]>([
    ['simulate', 2, 'Which scenario? For example: fuseline simulate --scenario outage.yaml'],
    ['simulate --scenario outage.yaml --seed x', 2, '--seed is "x", expected a whole number from 0 to 4,294,967,295.'],
    ['simulate --scenario outage.yaml --scenarios x', 2, 'Did you mean --scenario?'],
    ['simulate --scenario outrage.yaml', 1, 'Did you mean outage.yaml?'],
    ['simulate --scenario nowhere.csv', 1, 'nowhere.csv error missing-file'],
    ['simulate --scenario outage.yaml --breakers nowhere.yaml', 1, 'nowhere.yaml error missing-file'],
    ['simulate --scenario outage.yaml --compare nowhere.yaml', 1, 'nowhere.yaml error missing-file'],
    ['simulate --scenario outage.yaml --environment prod', 1, 'has no environment "prod". Did you mean production?'],
    ['simulate --scenario specs/breakers.yaml', 1, 'This is a breaker YAML, expected a scenario.'],
    ['simulate --scenario calls.csv --service acne', 1, 'There is no service "acne", expected acme.'],
    ['simulate --scenario calls.csv --breakers other.yaml --specs nowhere', 0, ''],
  ])('%s', async (args, code, message) => {
    const ran = await project.run(args);
    expect(ran.code, ran.stderr).toBe(code);
    expect(ran.stderr).toContain(message);
    if (code !== 0) expect(ran.stdout).toBe('');
  });

  test('faults of the scenario, of the recording and of the policies are told with their place', async () => {
    project.write('bad.yaml', SCENARIO.replace('contacts.create: 1', 'contacts.creat: 1').replace('traffic: 20', 'traffics: 20'));
    project.write('bad.csv', 'time,duration,outcome,operation\n0,10,ok,contacts.get\n1,10,okay,contacts.get\n');
    project.write('unknown.csv', 'time,duration,outcome,operation\n0,10,ok,contacts.got\n');
    project.write('wrong.yaml', OTHER.replace('10', '0'));
    expect((await project.run('simulate --scenario bad.yaml')).stderr).toMatch(
      /bad\.yaml:4:1 error unknown-key\n[\s\S]*> 4 \| traffics: 20\n[\s\S]*Did you mean `traffic`\?/,
    );
    expect((await project.run('simulate --scenario bad.csv')).stderr).toMatch(
      /bad\.csv:3:6 error bad-row\n[\s\S]*> 3 \| 1,10,okay,contacts\.get\n/,
    );
    expect((await project.run('simulate --scenario unknown.csv')).stderr).toContain('Service `acme` has no operation contacts.got');
    expect((await project.run('simulate --scenario outage.yaml --compare wrong.yaml')).stderr).toMatch(
      /wrong\.yaml:4:26 error bad-value\n/,
    );
  });

  test('--html makes the folder of the page; where it cannot, the figures are shown all the same', async () => {
    expect(await project.run('simulate --scenario outage.yaml --html out/reports/outage.html')).toMatchObject({ code: 0 });
    expect(project.read('out/reports/outage.html')).toMatch(/^<!doctype html>/);
    const { code, stdout, stderr } = await project.run('simulate --scenario outage.yaml --html outage.yaml/report.html');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^--html outage\.yaml\/report\.html: the page cannot be written \(E[A-Z]+\)\.\n$/),
    ]);
    expect(stdout).toContain('Circuits');
  });

  test('--html writes a page that needs nothing else, and escapes what it is given', async () => {
    project.write(
      'hostile.yaml',
      SCENARIO.replace('name: outage', 'name: "<script>alert(1)</script> & \\"x\\""').replace(
        'name: down',
        'name: "</style><img src=x onerror=y>"',
      ),
    );
    const { code, stdout, stderr } = await project.run('simulate --scenario hostile.yaml --compare other.yaml --html report.html');
    expect([code, stderr]).toEqual([0, '✓ wrote report.html\n']);
    expect(stdout).toContain('Compared');
    const page = project.read('report.html');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<img|<link|@import|url\(|https?:/i);
    expect(page).toContain('&#60;script&#62;');
    for (const title of ['circuit acme', 'Error rate', 'Traffic', 'Wait of callers']) expect(page.split(`<b>${title}</b>`)).toHaveLength(3);
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('tells in a terminal how far it is', async () => {
    project.write('long.yaml', 'service: acme\nduration: 20\ntraffic: 1000\n');
    const { stderr } = await project.run('simulate --scenario long.yaml', { terminal: true });
    expect(stderr).toMatch(/simulating specs\/breakers\.yaml: \d+ % …/);
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
  });
});

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('the example scenarios', () => {
  let examples: TestProject;
  beforeAll(() => {
    examples = new TestProject();
    for (const folder of ['specs', 'examples/scenarios']) cpSync(`${root}${folder}`, `${examples.folder}/${folder}`, { recursive: true });
  });
  afterAll(() => examples.remove());

  const play = async (name: string): Promise<SimulationResult['services'][number]> => {
    const { code, stdout, stderr } = await examples.run(`simulate --scenario examples/scenarios/${name} --json`);
    expect([code, stderr]).toEqual([0, '']);
    const [service] = (JSON.parse(stdout) as { result: SimulationResult }).result.services;
    if (service === undefined) throw new Error('no service');
    return service;
  };

  test('full-outage.yaml: opens at once, blocks nearly everything, recovers at the first probe after', async () => {
    const { totals, circuits } = await play('full-outage.yaml');
    expect(circuits[0]?.timeToOpenMs?.mean).toBeLessThan(1_000);
    expect(circuits[0]?.timeToRecoverMs?.mean).toBeLessThan(62_000);
    expect(totals.blocked / totals.calls).toBeGreaterThan(0.3);
    expect(totals.retries).toBeLessThan(100);
  });

  test('brownout.yaml: opens again and again, at times without need', async () => {
    const { circuits } = await play('brownout.yaml');
    expect(circuits[0]?.opens).toBeGreaterThan(5);
    expect(circuits[0]?.falseOpens).toBeGreaterThan(0);
  });

  test('slow-vendor.yaml: opens although nothing fails', async () => {
    const { circuits, totals } = await play('slow-vendor.yaml');
    expect(circuits[0]?.opens).toBeGreaterThan(0);
    expect(circuits[0]?.falseOpens).toBe(0);
    expect(totals.worstWaitMs).toBeGreaterThan(5_000);
  });

  test('flapping.yaml: opens once for each time down', async () => {
    const { circuits } = await play('flapping.yaml');
    expect(circuits[0]?.troubles).toHaveLength(4);
    expect(circuits[0]?.opens).toBe(4);
  });

  test('rate-limited.yaml: 429 opens nothing; retries multiply what is sent', async () => {
    const { circuits, totals } = await play('rate-limited.yaml');
    expect(circuits[0]?.opens).toBe(0);
    expect(totals.retries).toBeGreaterThan(1_000);
  });

  test('recorded.csv: three operations of one service', async () => {
    const { operations, circuits } = await play('recorded.csv');
    expect(operations.map(({ id }) => id).sort()).toEqual(['contacts.create', 'contacts.get', 'contacts.search']);
    expect(circuits[0]?.opens).toBeGreaterThan(0);
  });
});
