import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBreakers } from 'fuseline/config';
import { afterAll, describe, expect, it } from 'vitest';
import { type Survey, surveyRecording } from '../../../../generator/simulator/recording/survey.js';
import type { SimulationResult } from '../../../../generator/simulator/result/types.js';
import { simulate } from '../../../../generator/simulator/simulate.js';
import { DiagnosticError } from '../../../../runtime/config/diagnostic.js';

const folder = mkdtempSync(join(tmpdir(), 'fuseline-recording-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function survey(text: string, given: { readonly service?: string; readonly known?: readonly string[] } = {}): Promise<Survey> {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, text);
  return surveyRecording({ path, file: 'r.csv', service: given.service, operation: undefined, known: given.known ?? ['acme'] });
}

async function play(text: string, settings: string): Promise<SimulationResult['services'][number]> {
  const { config } = parseBreakers(`circuit_breaker: { services: { acme: { ${settings} } } }\n`, 'b.yaml');
  if (config === undefined) throw new Error('bad settings');
  const policies = (service: string) => config.service(service).policies;
  const against = { config, policies, environments: [], operations: () => undefined, environment: undefined, env: {} };
  const { services } = await simulate({ kind: 'recording', survey: await survey(text), seed: 1 }, against);
  const [service] = services;
  if (service === undefined) throw new Error('no service');
  return service;
}

const HEAD = 'time,duration,outcome\n';
const faultsOf = async (text: string, given?: Parameters<typeof survey>[1]): Promise<readonly string[]> => {
  const error: unknown = await survey(text, given).then(
    () => new Error('it is sound'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw error;
  return error.diagnostics.map(({ line, message, hint }) => `${line} ${message}${hint === undefined ? '' : ` | ${hint}`}`);
};

describe('surveyRecording', () => {
  it('knows how long it is, and who was called how often', async () => {
    const found = await survey(
      'time,duration,outcome,service,operation,request\n10,1,ok,acme,a.b,x\n12.5,1,500,acme,a.c,y\n12,1,ok,acme,a.b,x\n',
    );
    expect([found.calls, found.startMs, found.durationMs]).toEqual([3, 10_000, 2_501]);
    expect([...(found.services.get('acme')?.operations ?? [])].map(([id, { count }]) => [id, count])).toEqual([
      ['a.b', 2],
      ['a.c', 1],
    ]);
    expect([...(found.services.get('acme')?.requests ?? [])]).toEqual([
      ['x', 0],
      ['y', 1],
    ]);
  });

  it.each<[string, string, Parameters<typeof survey>[1], string]>([
    ['no calls', HEAD, {}, 'undefined The recording has no calls.'],
    [
      'no service',
      `${HEAD}1,2,ok\n`,
      { known: ['a', 'b'] },
      '2 This row names no service. | Add a column `service`, or say `--service NAME`.',
    ],
    ['another service', `${HEAD}1,2,ok\n`, { service: 'acne' }, '2 There is no service "acne", expected acme. | Did you mean `acme`?'],
    [
      'milliseconds for seconds',
      `${HEAD}1767225600000,2,ok\n1767229200000,2,ok\n`,
      {},
      '1 The recording lasts 42 days, expected at most 7. | Times that are plain numbers are seconds. Are these milliseconds?',
    ],
  ])('%s', async (_, text, given, expected) => {
    expect(await faultsOf(text, given)).toEqual([expected]);
  });

  it('a row far from its place', async () => {
    const rows = Array.from({ length: 10_100 }, (_, at) => `${at},1,ok`);
    expect(await faultsOf(`${HEAD}${rows.join('\n')}\n3,1,ok\n`)).toEqual([
      '10102 This call began 96 s before one that stands more than 10,000 rows above it. | Sort the file by time.',
    ]);
  });
});

describe('playing a recording', () => {
  it('makes each call when it was made, whatever the order of the file, and meets what it met', async () => {
    const service = await play(`${HEAD}2,30,404\n0,10,ok\n1,20,ok\n5.999,40,429\n`, 'retry: false');
    expect(service.totals).toMatchObject({ calls: 4, served: 2, failed: 2, attempts: 4, blocked: 0, worstWaitMs: 40, errors: { http: 2 } });
    expect(service.series.calls.slice(0, 6)).toEqual([1, 1, 1, 0, 0, 1]);
  });

  it('opens as a client would have, and says when the service was not well', async () => {
    const rows = Array.from({ length: 200 }, (_, at) => `${at},10,${at >= 60 && at < 120 ? '503' : 'ok'}`);
    const { circuits } = await play(
      `${HEAD}${rows.join('\n')}\n`,
      'retry: false, failure_threshold: 4, recovery_timeout_seconds: 20, success_threshold: 1',
    );
    const [circuit] = circuits;
    expect(circuit?.changes.map(({ to, atMs }) => `${to} ${Math.round(atMs / 1_000)}`)).toEqual([
      'open 63',
      'half_open 84',
      'open 84',
      'half_open 105',
      'open 105',
      'half_open 126',
      'closed 126',
    ]);
    expect(circuit?.troubles).toHaveLength(1);
    expect(circuit?.troubles[0]?.fromMs).toBeGreaterThanOrEqual(60_000);
    expect(circuit?.falseOpens).toBe(0);
  });

  it('a recorded timeout is no answer: the time limit of the policy ends it', async () => {
    const { totals } = await play(`${HEAD}0,1,timeout\n9,1,ok\n`, 'retry: false, timeout_seconds: 3');
    expect(totals).toMatchObject({ worstWaitMs: 3_000, errors: { timeout: 1 } });
  });

  it('a retry meets what the latest calls met', async () => {
    const failing = await play(`${HEAD}0,10,503\n1,10,503\n60,1,503\n`, 'retry: { max_attempts: 3 }, failure_threshold: 100');
    expect(failing.totals).toMatchObject({ failed: 3, attempts: 9, retries: 6 });
  });

  it('the last good response of the same request answers, of another one not', async () => {
    const rows = '0,1,ok,x\n1,1,500,x\n2,1,500,y\n';
    const { totals } = await play(`time,duration,outcome,request\n${rows}`, 'retry: false, fallback: { last_good: true }');
    expect(totals).toMatchObject({ served: 1, fallbackFromCache: 1, failed: 1 });
  });
});
