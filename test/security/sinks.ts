import { limitStats, operationStats } from 'fuseline';
import { circuitBreakersReport, dependenciesReport } from 'fuseline/health';
import { saveCircuits } from 'fuseline/saved-state';
import { shareState } from 'fuseline/shared-state';
import { pages } from './pages.js';
import { FAULTY_SETTINGS, type Name, THROWN } from './secrets.js';
import type { World } from './world.js';
import { ownWords, written } from './written.js';

/** A place where people, or machines of others, read what fuseline says. */
export interface Sink {
  readonly name: string;
  /** All that is in it, as text. */
  readonly collect: (world: World) => string | Promise<string>;
  /** What it holds for certain: the sink was connected. */
  readonly holds: string;
  /** What it shows on purpose. */
  readonly shows?: readonly Name[];
}

/**
 * `cause` of an error is what a function of the user's threw, or a transport: whoever debugs needs it, and whoever logs whole errors logs it.
 * Neither the message, nor the stack, nor `toJSON` of an error of fuseline's has anything of it, see the sink of own words.
 */
const CAUSES = THROWN.filter((name) => name !== 'functionError');

export const SINKS: readonly Sink[] = [
  { name: 'events', collect: ({ events }) => written(events), holds: 'circuit_opened', shows: ['settingOfYaml'] },
  { name: 'the log of a console', collect: ({ console }) => console.chunks.join(''), holds: 'circuit_opened', shows: ['settingOfYaml'] },
  { name: 'the log of pino', collect: ({ pino }) => pino.chunks.join(''), holds: '"event":"circuit_opened"', shows: ['settingOfYaml'] },
  {
    name: 'errors by themselves',
    collect: ({ errors }) => [...new Set(errors.map(ownWords))].join('\n'),
    holds: 'EHTTP',
    shows: FAULTY_SETTINGS,
  },
  { name: 'errors, looked into', collect: ({ errors }) => written(errors), holds: 'EOPENBREAKER', shows: [...THROWN, ...FAULTY_SETTINGS] },
  { name: 'results of calls', collect: ({ results }) => written(results), holds: 'ENETWORK', shows: CAUSES },
  { name: 'promises of calls', collect: ({ promises }) => written(promises), holds: 'Promise {', shows: CAUSES },
  { name: 'what instrumentations are told', collect: ({ records }) => written(records.kept), holds: 'pathTemplate', shows: CAUSES },
  { name: 'spans', collect: ({ spans, otel }) => written([spans.getFinishedSpans(), otel]), holds: 'http.response.status_code' },
  { name: 'metrics as text', collect: ({ register }) => register.metrics(), holds: 'circuit_breaker_state{' },
  {
    name: 'metrics as OpenMetrics',
    collect: (world) => pages(world, ['/metrics'], 'application/openmetrics-text'),
    holds: '# EOF',
  },
  // While circuits are open: health pages close them.
  { name: 'what other processes are told', collect: toldToOthers, holds: 'leftMs' },
  { name: 'health pages', collect: (world) => pages(world, world.health.paths), holds: '"circuit_breakers"' },
  {
    name: 'the dashboard, its page and its stream',
    collect: (world) =>
      pages(
        world,
        world.dashboard.map(({ path }) => path),
      ),
    holds: '<!doctype html>',
  },
  {
    name: 'health reports',
    collect: ({ registry, clock }) => written([circuitBreakersReport(registry, clock), dependenciesReport({ registry, clock })]),
    holds: 'ghl@',
  },
  {
    name: 'the health handler, its warnings and its audit',
    collect: ({ health, warnings, audit }) => written([health, warnings, audit]),
    holds: 'GET /broken failed with Error',
  },
  { name: 'messages of alerts', collect: ({ receivers }) => receivers.messages().join('\n'), holds: 'circuit_open' },
  {
    name: 'alerts, and what they say of channels',
    collect: ({ receivers: { alerts, problems } }) => written([alerts, alerts.status(), problems]),
    holds: 'http_400',
  },
  { name: 'saved circuits', collect: ({ registry }) => written(saveCircuits(registry)), holds: 'saved' },
  { name: 'statistics', collect: ({ registry }) => written([operationStats(registry), limitStats(registry)]), holds: 'contacts.get' },
  { name: 'clients', collect: ({ clients }) => written(clients), holds: 'contacts' },
  { name: 'descriptions of operations', collect: ({ clients }) => written(clients.map(descriptionsOf)), holds: 'environment variable' },
  {
    name: 'circuits and their registry',
    collect: ({ registry }) =>
      written([registry, registry.healthSummary(), registry.list(), registry.list().map((circuit) => circuit.snapshot())]),
    holds: 'failedRequests',
  },
  {
    name: 'watchers of files',
    collect: ({ watchers }) => written([...watchers, ...watchers.map(({ error }) => error)]),
    holds: 'unknown-key',
    shows: ['settingOfYaml'],
  },
  {
    name: 'subscriptions and collections',
    collect: ({ subscriptions, metrics }) => written([subscriptions, metrics]),
    holds: 'Subscription',
  },
];

function descriptionsOf(client: World['clients'][number]): unknown {
  const ids = ['contacts.get', 'apiKeys.get', 'things.everything'];
  return ids.flatMap((id) => {
    try {
      const described = client.describe(id);
      return [described, String(described)];
    } catch {
      // Of another service.
      return [];
    }
  });
}

/** What a process puts into a shared store, and what it says of itself. */
async function toldToOthers({ registry, clock }: World): Promise<string> {
  const reports: unknown[] = [];
  const exchange = (...[instance, report]: readonly unknown[]): Promise<never[]> => {
    reports.push(instance, report);
    return Promise.resolve([]);
  };
  using shared = shareState({ registry, clock, store: { exchange } });
  await shared.sync();
  return written([reports, shared, shared.status()]);
}
