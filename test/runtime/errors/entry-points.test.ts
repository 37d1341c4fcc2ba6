import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BreakerRegistry, CircuitBreaker, lastGood, ServiceClient } from 'fuseline';
import { adaptThresholds } from 'fuseline/adaptive';
import { Alerts, email, pagerDuty, slack, startAlerts, webhook } from 'fuseline/alerts';
import { oauth, redisTokens, sharedToken } from 'fuseline/auth';
import { fileTokens } from 'fuseline/auth/file';
import {
  applyBreakers,
  BreakerWatcher,
  checkKnown,
  explainService,
  formatAnnotations,
  formatDiagnostics,
  loadBreakers,
  parseBreakers,
  watchBreakers,
} from 'fuseline/config';
import { dashboard } from 'fuseline/dashboard';
import { emitService, generate, loadService, validate } from 'fuseline/generator';
import { GhlClient } from 'fuseline/ghl';
import { dependenciesReport, healthHandler } from 'fuseline/health';
import { logEvents } from 'fuseline/logging';
import { LyrioClient } from 'fuseline/lyrio';
import { collectMetrics } from 'fuseline/metrics';
import { HealthMonitor } from 'fuseline/monitor';
import { otel } from 'fuseline/otel';
import { Bulkhead, Coalescer, getCircuitBreaker, protect, protectedBy, RateLimiter } from 'fuseline/protect';
import { RetellClient } from 'fuseline/retell';
import { SendGridClient } from 'fuseline/sendgrid';
import { memoryStore, redisStore, shareState } from 'fuseline/shared-state';
import { tiers } from 'fuseline/tiers';
import { describe, expect, test } from 'vitest';
import { getThing, testClient } from '../../support/client.js';
import { pollutedUntil } from '../../support/polluted.js';
import { revoked } from '../../support/thrown.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = (): number => 1;
const odd = (value: object): never => value as never;
const client = (): ServiceClient => testClient({ baseUrl: 'http://acme.test', token: 't' });
const service = { name: 'acme', security: [], policies: {} };

/** Each function and class that takes options: a misspelt key, the key that it suggests, and how it receives the options. */
const WITH_OPTIONS: Readonly<Record<string, readonly [key: string, meant: string, give: (options: never) => unknown]>> = {
  '. CircuitBreaker': ['failureTreshold', 'failureThreshold', (o) => new CircuitBreaker(o)],
  '. BreakerRegistry': ['maxCircuit', 'maxCircuits', (o) => new BreakerRegistry(o)],
  '. ServiceClient': ['timeout', 'timeoutMs', (o) => new ServiceClient(service, o)],
  '. lastGood': ['maxAge', 'maxAgeMs', (o) => lastGood(o)],
  './adaptive adaptThresholds': ['interval', 'intervalMs', (o) => adaptThresholds(new BreakerRegistry(), o)],
  './alerts Alerts': ['cooldown', 'cooldownMs', (o) => new Alerts(o)],
  './alerts startAlerts': ['chanels', 'channels', (o) => startAlerts(o)],
  './alerts email': ['form', 'from', (o) => email(o)],
  './alerts pagerDuty': ['routingKey', 'routingKeyEnv', (o) => pagerDuty(o)],
  './alerts slack': ['urlEnvs', 'urlEnv', (o) => slack(o)],
  './alerts webhook': ['secretsEnv', 'secretEnv', (o) => webhook(o)],
  './auth oauth': ['scopes', 'scope', (o) => oauth(o)],
  './auth redisTokens': ['comand', 'command', (o) => redisTokens(o)],
  './auth sharedToken': ['keep', 'keepMs', (o) => sharedToken(() => 'token', o)],
  './auth/file fileTokens': ['folders', 'folder', (o) => fileTokens(o)],
  './config applyBreakers': ['fille', 'file', (o) => applyBreakers(o)],
  './config BreakerWatcher': ['onReloaded', 'onReload', (o) => new BreakerWatcher(o)],
  './config checkKnown': ['knownService', 'knownServices', (o) => checkKnown(odd({}), o)],
  './config explainService': ['operations', 'operation', (o) => explainService(odd({}), 'acme', o)],
  './config formatAnnotations': ['cdw', 'cwd', (o) => formatAnnotations([], o)],
  './config formatDiagnostics': ['colour', 'color', (o) => formatDiagnostics([], o)],
  './config loadBreakers': ['cdw', 'cwd', (o) => loadBreakers('breakers.yaml', o)],
  './config parseBreakers': ['knownOperation', 'knownOperations', (o) => parseBreakers('', 'breakers.yaml', o)],
  './config watchBreakers': ['poll', 'pollMs', (o) => watchBreakers(o)],
  './dashboard dashboard': ['maxConnection', 'maxConnections', (o) => dashboard(o)],
  './generator emitService': ['test', 'tests', (o) => emitService(odd({}), odd({}), o)],
  './generator generate': ['spec', 'specs', (o) => generate(o)],
  './generator loadService': ['repairs', 'repair', (o) => loadService(o)],
  './generator validate': ['breaker', 'breakers', (o) => validate(o)],
  './ghl GhlClient': ['timeout', 'timeoutMs', (o) => new GhlClient(o)],
  './health dependenciesReport': ['monitors', 'monitor', (o) => dependenciesReport(o)],
  './health healthHandler': ['adminTokens', 'adminToken', (o) => healthHandler(o)],
  './logging logEvents': ['level', 'levels', (o) => logEvents(new BreakerRegistry(), console, o)],
  './lyrio LyrioClient': ['timeout', 'timeoutMs', (o) => new LyrioClient(o)],
  './metrics collectMetrics': ['registr', 'register', (o) => collectMetrics(o)],
  './monitor HealthMonitor': ['interval', 'intervalMs', (o) => new HealthMonitor(o)],
  './otel otel': ['propagated', 'propagate', (o) => otel(o)],
  './protect Bulkhead': ['maxConcurency', 'maxConcurrent', (o) => new Bulkhead(o)],
  './protect getCircuitBreaker': ['failureTreshold', 'failureThreshold', (o) => getCircuitBreaker('acme', o)],
  './protect protect': ['timout', 'timeoutMs', (o) => protect(run, o)],
  './protect protectedBy': ['falback', 'fallback', (o) => protectedBy(o)(odd(run), odd({ kind: 'method', name: 'm' }))],
  './protect RateLimiter': ['request', 'requests', (o) => new RateLimiter(o)],
  './retell RetellClient': ['timeout', 'timeoutMs', (o) => new RetellClient(o)],
  './sendgrid SendGridClient': ['timeout', 'timeoutMs', (o) => new SendGridClient(o)],
  './shared-state memoryStore': ['clok', 'clock', (o) => memoryStore(o)],
  './shared-state redisStore': ['comand', 'command', (o) => redisStore(o)],
  './shared-state shareState': ['every', 'everyMs', (o) => shareState(o)],
  './tiers tiers': ['minQualty', 'minQuality', (o) => tiers([{ name: 'one', run }], o)],
};

/** Methods that take options, in the same form. */
const METHODS: typeof WITH_OPTIONS = {
  'Alerts.close': ['timeout', 'timeoutMs', (o) => new Alerts({ channels: [], enabled: false }).close(o)],
  'Bulkhead.acquire': ['maxWait', 'maxWaitMs', (o) => new Bulkhead({ maxConcurrent: 1 }).acquire(o)],
  'Bulkhead.call': ['maxWait', 'maxWaitMs', (o) => new Bulkhead({ maxConcurrent: 1 }).call(run, o)],
  'CircuitBreaker.acquire': ['lease', 'leaseMs', (o) => new CircuitBreaker().acquire(o)],
  'CircuitBreaker.reconfigure': ['failureTreshold', 'failureThreshold', (o) => new CircuitBreaker().reconfigure(o)],
  'Coalescer.run': ['signals', 'signal', (o) => new Coalescer().run('key', run, o)],
  'RateLimiter.acquire': ['maxWait', 'maxWaitMs', (o) => new RateLimiter({ requests: 1 }).acquire(o)],
  'RateLimiter.call': ['maxWait', 'maxWaitMs', (o) => new RateLimiter({ requests: 1 }).call(run, o)],
  'ServiceClient.call': ['timeout', 'timeoutMs', (o) => client().call(getThing, { id: 1 }, o)],
  'ServiceClient.close': ['drain', 'drainMs', (o) => client().close(o)],
  'ServiceClient.ready': ['connected', 'connect', (o) => client().ready(o)],
  'ServiceClient.withOptions': ['timeout', 'timeoutMs', (o) => client().withOptions(o)],
};

/** Functions and classes that take no object of options. */
const WITHOUT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  '.': [
    ...['ApiPromise', 'call', 'OperationDescription', 'Permit', 'FallbackChain', 'limitStats', 'operationStats'],
    ...['chain', 'value'],
  ],
  './adaptive': ['AdaptiveController'],
  './alerts': ['plainText'],
  './auth': ['memoryTokens'],
  './config': ['nearest', 'schemaText', 'summarize'],
  './health': ['circuitBreakersReport', 'expressMiddleware', 'fastifyPlugin', 'honoMiddleware', 'nodeListener'],
  './logging': ['logRecord'],
  './metrics': ['MetricsCollection'],
  './protect': ['Coalescer'],
  './saved-state': ['restoreCircuit', 'restoreCircuits', 'saveCircuit', 'saveCircuits'],
  './testing': ['FakeClock', 'MockServer', 'MockTransport', 'mockTransport'],
  './tiers': ['circuitOf', 'selectProvider'],
};

/** Whether generated code exports the function or class beside its client: the class of a namespace, and mocks, which take a URL. */
const isGenerated = (subpath: string, name: string): boolean =>
  (name.endsWith('Api') && /^\.\/(ghl|lyrio|retell|sendgrid)$/.test(subpath)) || subpath.endsWith('/msw');

/** The functions and classes that the package exports, as `subpath name`. Errors are left out. */
async function entryPoints(): Promise<readonly string[]> {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: Record<string, { default?: string }> };
  const modules = Object.entries(exports).flatMap(([subpath, { default: built }]) =>
    built === undefined ? [] : [[subpath, `${root}${built.replace('./dist/', '').replace(/\.js$/, '.ts')}`] as const],
  );
  const found = modules.map(async ([subpath, file]) => {
    const exported = (await import(/* @vite-ignore */ file)) as Readonly<Record<string, unknown>>;
    const callable = Object.entries(exported).filter(([, each]) => typeof each === 'function' && !(each.prototype instanceof Error));
    return callable.flatMap(([name]) => (isGenerated(subpath, name) ? [] : [`${subpath} ${name}`]));
  });
  return (await Promise.all(found)).flat();
}

/** What an entry point does with options: undefined if it takes them. In a promise, because some throw and some reject. */
async function refusal(give: (options: never) => unknown, options: unknown): Promise<unknown> {
  let made: unknown;
  try {
    made = await give(options as never);
  } catch (error) {
    return error;
  }
  await ended(made);
  return undefined;
}

/** Ends what an entry point has started. */
async function ended(made: unknown): Promise<void> {
  const started = made as Partial<Record<'stop' | 'close' | 'unsubscribe', () => unknown>> | null | undefined;
  for (const end of ['stop', 'close', 'unsubscribe'] as const) if (typeof started?.[end] === 'function') await started[end]();
}

/** The names of all options of an entry point, from the message about a name that is like none of them. */
async function namesOf(give: (options: never) => unknown): Promise<readonly string[]> {
  const error = await refusal(give, { Qqqqqqqqqqqqqqqqq: 1 });
  const listed = /one of ([\w, ]+)$/.exec((error as Error).message)?.[1];
  return listed?.split(', ') ?? [];
}

describe('an option that only Object.prototype has is refused by each entry point', () => {
  test.each(Object.entries(WITH_OPTIONS))('%s', async (_, [, , give]) => {
    const names = await namesOf(give);
    expect(names).not.toHaveLength(0);
    for (const name of names) {
      const error = await pollutedUntil(name, 1, () => refusal(give, {}));
      expect(error, name).toMatchObject({
        kind: 'configuration',
        message: expect.stringMatching(`^[\\w.]*${name} is inherited from Object.prototype`),
      });
    }
  });
});

describe('what are no options is refused by each entry point', () => {
  test.each(Object.entries({ ...WITH_OPTIONS, ...METHODS }))('%s', async (_, [, , give]) => {
    for (const value of [null, 5, 'text', [], revoked()])
      expect(await refusal(give, value), typeof value).toMatchObject({ kind: 'configuration' });
  });

  test.each(Object.entries(WITH_OPTIONS))('%s: an option that cannot be read', async (_, [, , give]) => {
    for (const name of await namesOf(give)) {
      const error = await refusal(give, { [name]: revoked() });
      expect((error as Error | undefined)?.message ?? '', name).not.toMatch(/proxy/i);
    }
  });
});

describe('a misspelt option is refused by each entry point, with the nearest one', () => {
  test.each(Object.entries({ ...WITH_OPTIONS, ...METHODS }))('%s', async (_, [key, meant, give]) => {
    // In a promise, because some throw and some reject.
    const attempt = new Promise((resolve) => resolve(give(odd({ [key]: 1 }))));
    await expect(attempt).rejects.toMatchObject({ kind: 'configuration', option: expect.stringMatching(`(^|\\.)${key}$`) });
    await expect(attempt).rejects.toThrow(`Did you mean ${meant}?`);
  });

  test('the lists above name everything that the package exports', async () => {
    const listed = Object.entries(WITHOUT_OPTIONS).flatMap(([subpath, names]) => names.map((name) => `${subpath} ${name}`));
    // A new function or class belongs into one of the lists. If it takes options, `givenOptions` checks them.
    expect([...(await entryPoints())].sort()).toEqual([...listed, ...Object.keys(WITH_OPTIONS)].sort());
  });
});
