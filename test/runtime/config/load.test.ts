import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBreakers, PRESETS, parseBreakers } from '../../../runtime/config/index.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';

const fixture = fileURLToPath(new URL('fixtures/four-services.yaml', import.meta.url));
const ownFile = fileURLToPath(new URL('../../../specs/breakers.yaml', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fuseline-config-'));
  await mkdir(join(folder, 'specs.yaml'));
  await writeFile(join(folder, 'breakers.yaml'), 'circuit_breaker: {}\n');
  await writeFile(join(folder, 'latin1.yaml'), Buffer.from([0x23, 0xe9, 0x0a]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('files', () => {
  it.each<[string, string]>([
    ['breaker.yaml', 'error missing-file There is no such file, expected the breaker YAML. Did you mean breakers.yaml?'],
    ['./breakers.yml', 'error missing-file There is no such file, expected the breaker YAML. Did you mean ./breakers.yaml?'],
    ['other/breakers.yaml', 'error missing-file There is no such file, expected the breaker YAML.'],
    ['breakers.yaml/x', 'error missing-file There is no such file, expected the breaker YAML.'],
    ['specs.yaml', 'error not-a-file This is a folder, expected a YAML file. Name the file: specs.yaml/breakers.yaml'],
    ['latin1.yaml', 'error not-utf-8 The file is not UTF-8 text.'],
  ])('%s', async (file, expected) => {
    const { config, diagnostics } = await loadBreakers(file, { cwd: folder });
    expect(config).toBeUndefined();
    expect(diagnostics.map((found) => `${found.severity} ${found.code} ${found.message} ${found.hint ?? ''}`.trim())).toEqual([expected]);
    expect(diagnostics[0]?.file).toBe(file);
  });

  it('names the file as it was given, with forward slashes', async () => {
    expect((await loadBreakers('.\\nothing\\here.yaml', { cwd: folder })).diagnostics[0]?.file).toBe('./nothing/here.yaml');
    expect((await loadBreakers('./breakers.yaml', { cwd: folder })).config?.file).toBe('./breakers.yaml');
  });
});

describe('the guide’s file', () => {
  it('loads unchanged, with the guide’s values', async () => {
    const { config, diagnostics } = await loadBreakers(fixture);
    expect(diagnostics).toEqual([]);
    expect(config?.enabled).toBe(true);
    expect(config?.environments).toEqual(['production']);
    expect([...(config?.services.keys() ?? [])]).toEqual(['ghl', 'retell', 'sendgrid', 'lyrio']);
    expect(config?.services.get('ghl')?.policies).toEqual({
      defaults: { enabled: true, failureThreshold: 5, successThreshold: 3, timeoutMs: 60_000, halfOpenMaxCalls: 2 },
      service: { failureThreshold: 3, timeoutMs: 30_000 },
      environments: { production: { defaults: { enabled: true } } },
    });
    expect(config?.service('mailgun').policies.service).toBeUndefined();
  });
});

describe('this product’s file', () => {
  it('is without a finding and keeps the guide’s thresholds', async () => {
    const { config, diagnostics } = await loadBreakers(ownFile);
    expect(diagnostics).toEqual([]);
    const effective = [...(config?.services.values() ?? [])].map(({ name, policies }) => {
      const values = resolvePolicy(policies, { service: name });
      return [name, values.failureThreshold, values.timeoutMs, values.successThreshold, values.halfOpenMaxCalls, values.recoveryTimeoutMs];
    });
    expect(effective).toEqual([
      ['ghl', 3, 30_000, 3, 2, 60_000],
      ['retell', 5, 45_000, 3, 2, 60_000],
      ['sendgrid', 3, 20_000, 3, 2, 60_000],
      ['lyrio', 5, 30_000, 3, 2, 60_000],
    ]);
  });

  it.each([
    ['ghl', 'conversations.sendMessage'],
    ['ghl', 'conversations.addOutboundCall'],
    ['ghl', 'contacts.create'],
    ['ghl', 'oauth.createToken'],
    ['retell', 'calls.createPhone'],
    ['retell', 'batchCalls.create'],
    ['retell', 'chats.createCompletion'],
    ['sendgrid', 'mail.send'],
    ['lyrio', 'calls.syncSummary'],
  ])('%s %s is never sent twice, in no environment', async (service, id) => {
    const { config } = await loadBreakers(ownFile);
    for (const environment of [undefined, 'production', 'test']) {
      const query = { service, id, namespace: id.split('.')[0] ?? '', environment, env: { MAX_RETRY_ATTEMPTS: '9' } };
      expect(config && resolvePolicy(config.service(service).policies, query).retryEnabled).toBe(false);
    }
  });

  it('says which schema editors are to use', async () => {
    expect(await readFile(ownFile, 'utf8')).toMatch(/^# yaml-language-server: \$schema=\.\.\/runtime\/config\/breakers\.schema\.json\n/);
  });
});

describe('what becomes of the file', () => {
  it('every setting', () => {
    const { config, diagnostics } = parseBreakers(
      `circuit_breaker:
  enabled: false
  defaults: { enabled: true, scope: namespace }
  services:
    ghl:
      preset: llm
      enabled: true
      failure_threshold: 4
      success_threshold: 2
      recovery_timeout_seconds: 1.5
      half_open_max_calls: 1
      timeout_seconds: 0.25
      total_timeout_seconds: false
      scope: operation
      failure_statuses: [500]
      ignored_statuses: [404]
      specs: [./a.yaml, ./b]
      repair: true
      names: { 'GET /contacts/{id}': contacts.get }
      retry: { enabled: true, max_retries: 4, base_delay_seconds: 0.2, max_delay_seconds: 9, exponential_base: 3, jitter: false, wait_for_probe: true, statuses: [503], max_retry_after_seconds: 7 }
      resources:
        contacts: { idempotent: true, reset_timeout: 9 }
        empty:
      operations:
        contacts.get: { timeout_seconds: null, retry: false, fallback: { last_good: { max_age_seconds: 300 } } }
        contacts.list: { retry: true, fallback: [{ last_good: }, { last_good: true }, { last_good: { max_age_seconds: false } }, { value: { contacts: [] } }] }
        contacts.delete: { fallback: false }
`,
      'b.yaml',
    );
    expect(diagnostics).toEqual([]);
    const service = config?.services.get('ghl');
    expect(config?.enabled).toBe(false);
    expect(service?.specs).toEqual(['./a.yaml', './b']);
    expect(service?.repair).toBe(true);
    expect(service?.names).toEqual({ 'GET /contacts/{id}': 'contacts.get' });
    expect(service?.policies).toEqual({
      defaults: { enabled: true, scope: 'namespace' },
      preset: { name: 'llm', values: PRESETS.llm },
      service: {
        enabled: true,
        failureThreshold: 4,
        successThreshold: 2,
        recoveryTimeoutMs: 1_500,
        halfOpenMaxCalls: 1,
        timeoutMs: 250,
        totalTimeoutMs: null,
        scope: 'operation',
        failureStatuses: [500],
        ignoredStatuses: [404],
        retryEnabled: true,
        maxAttempts: 5,
        baseDelayMs: 200,
        maxDelayMs: 9_000,
        exponentialBase: 3,
        jitter: false,
        waitForProbe: true,
        retryStatuses: [503],
        maxRetryAfterMs: 7_000,
      },
      resources: { contacts: { idempotent: true, recoveryTimeoutMs: 9_000 } },
      operations: {
        'contacts.get': { timeoutMs: null, retryEnabled: false, fallback: [{ kind: 'lastGood', maxAgeMs: 300_000 }] },
        'contacts.list': {
          retryEnabled: true,
          fallback: [
            { kind: 'lastGood', maxAgeMs: null },
            { kind: 'lastGood', maxAgeMs: null },
            { kind: 'lastGood', maxAgeMs: null },
            { kind: 'value', value: { contacts: [] } },
          ],
        },
        'contacts.delete': { fallback: [] },
      },
    });
    // Plain data: what is embedded in generated code is what was read.
    expect(JSON.parse(JSON.stringify(service?.policies))).toEqual(service?.policies);
  });

  it('environments, with a preset of their own and services that nothing else names', () => {
    const { config, diagnostics } = parseBreakers(
      `circuit_breaker: { services: { ghl: { failure_threshold: 9 } } }
environments:
  test:
    circuit_breaker:
      enabled: false
      services:
        ghl: { preset: critical, success_threshold: 1, operations: { contacts.get: { timeout_seconds: 1 } } }
        retell: { timeout_seconds: 2 }
  staging:
`,
      'b.yaml',
      { knownServices: ['ghl', 'retell'] },
    );
    expect(diagnostics).toEqual([]);
    expect(config?.environments).toEqual(['test', 'staging']);
    expect(config?.service('ghl').policies).toEqual({
      service: { failureThreshold: 9 },
      environments: {
        test: {
          defaults: { enabled: false },
          service: { ...PRESETS.critical, successThreshold: 1 },
          operations: { 'contacts.get': { timeoutMs: 1_000 } },
        },
      },
    });
    expect(config?.services.get('retell')?.policies).toEqual({
      environments: { test: { defaults: { enabled: false }, service: { timeoutMs: 2_000 } } },
    });
  });

  it('positions and diagnostics of a service', () => {
    const { config } = parseBreakers('circuit_breaker:\n  services:\n    ghl:\n      specs: [a.yaml, b.yaml]\n', 'b.yaml');
    const ghl = config?.services.get('ghl');
    expect(ghl?.locate([])).toEqual({ line: 3, column: 5, length: 3 });
    expect(ghl?.locate(['specs', 1])).toEqual({ line: 4, column: 23, length: 6 });
    expect(ghl?.locate(['names'])).toBeUndefined();
    expect(ghl?.diagnose(['specs', 1], { code: 'missing-spec', message: 'no such file' }, 'value')).toMatchObject({
      severity: 'error',
      code: 'missing-spec',
      message: 'No such file.',
      file: 'b.yaml',
      line: 4,
      column: 23,
    });
    expect(ghl?.diagnose(['names', 'GET /x'], { code: 'c', message: 'm' })).toMatchObject({ line: 3, column: 5 });
    expect(config?.service('other').diagnose([], { code: 'c', message: 'm' })).toMatchObject({ line: 2, column: 3 });
  });
});
