import { namesWithSettings, resolvePolicy } from '../../config/layers.js';
import { servicesIn } from '../../config/live/circuit-policies.js';
import { livePolicies } from '../../config/live/live-policies.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { CircuitWatch, Down } from './circuit-watch.js';
import { oneLine, someOf } from './words.js';

const AN_ERROR = 'an immediate error (CircuitOpenError)';

/** The most names in a list. */
const LISTED = 3;

/** The texts by circuit, computed once per configuration: a message is made within the call that failed. */
const plans = new WeakMap<CircuitBreaker, { readonly version: number; readonly environment: string | undefined; readonly text: string }>();

/** Returns what callers get while circuits are open: by the configuration, and as counted so far. `open` has at least one circuit. */
export function callersGet(registry: BreakerRegistry, open: readonly CircuitWatch[], environment: string | undefined): string {
  const byPlan = new Map<string, string[]>();
  for (const { circuit } of open) {
    const plan = planOf(registry, circuit, environment);
    byPlan.set(plan, [...(byPlan.get(plan) ?? []), oneLine(scopeOf(circuit.name) ?? circuit.name, 100)]);
  }
  const kinds = [...byPlan];
  const planned = kinds.length === 1 ? (kinds[0]?.[0] ?? '') : kinds.map(([plan, names]) => `${someOf(names)}: ${plan}`).join('; ');
  const sum = (of: (down: Down) => number): number => open.reduce((count, { down }) => count + (down === undefined ? 0 : of(down)), 0);
  const seen = [
    [sum(({ cacheAnswers }) => cacheAnswers), 'answered from the last good response'],
    [sum(({ fallbackAnswers }) => fallbackAnswers), 'answered by another fallback'],
    [sum(({ refused }) => refused), 'refused'],
  ] as const;
  const so = seen.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return so.length === 0 ? planned : `${planned}. So far: ${so.join(', ')}`;
}

function planOf(registry: BreakerRegistry, circuit: CircuitBreaker, environment: string | undefined): string {
  const { version } = livePolicies(registry);
  let plan = plans.get(circuit);
  if (plan === undefined || plan.version !== version || plan.environment !== environment) {
    plan = { version, environment, text: plannedAnswers(registry, circuit, environment) };
    plans.set(circuit, plan);
  }
  return plan.text;
}

/** Returns the answers that the settings of generated clients give. Fallbacks in the code of callers are unknown here. */
function plannedAnswers(registry: BreakerRegistry, circuit: CircuitBreaker, environment: string | undefined): string {
  const none = `${AN_ERROR}, unless their code has a fallback`;
  const definition = servicesIn(registry).find(({ name }) => name === circuit.service);
  if (definition === undefined) return none;
  const policies = livePolicies(registry).of(definition);
  const query = { service: circuit.service, environment };
  const part = scopeOf(circuit.name);
  const within = namesWithSettings(policies, environment).filter(
    (name) => name.includes('.') && (part === undefined || name === part || name.startsWith(`${part}.`)),
  );
  const kinds = { lastGood: [] as string[], value: [] as string[] };
  for (const id of within) {
    const [first] = resolvePolicy(policies, { ...query, namespace: id.split('.')[0] ?? '', id }).fallback;
    if (first !== undefined) kinds[first.kind].push(id);
  }
  const namespace = part?.split('.')[0];
  const id = part?.includes('.') === true ? part : undefined;
  const inGeneral = { ...query, ...(namespace === undefined ? {} : { namespace }), ...(id === undefined ? {} : { id }) };
  const [general] = resolvePolicy(policies, inGeneral).fallback;
  const answers = [
    ...(kinds.lastGood.length === 0 ? [] : [`the last good response for ${list(kinds.lastGood)}`]),
    ...(kinds.value.length === 0 ? [] : [`a fixed value for ${list(kinds.value)}`]),
  ];
  const rest = general === undefined ? AN_ERROR : general.kind === 'lastGood' ? 'the last good response' : 'a fixed value';
  // A circuit of one operation has no other operations.
  if (answers.length === 0 || id !== undefined) return general === undefined ? none : rest;
  return `${answers.join(', ')}; ${rest} for the others`;
}

/** Returns `contacts` or `contacts.get` for a circuit of a part of its service; undefined for a circuit of the whole service. */
function scopeOf(name: string): string | undefined {
  return /\/([^#]+)/.exec(name)?.[1];
}

function list(ids: readonly string[]): string {
  const shown = ids.slice(0, LISTED).join(', ');
  return ids.length <= LISTED ? shown : `${ids.length} operations (${shown}, …)`;
}
