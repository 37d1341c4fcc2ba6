import {
  BreakerRegistry,
  type ClientOptions,
  type FuselineError,
  ServiceClient,
  type ServicePolicies,
  type TransitionEvent,
} from 'fuseline';
import { DiagnosticError, parseBreakers } from 'fuseline/config';
import { ContactsApi, contactsCreate, contactsDelete, contactsGet, ghlService } from 'fuseline/ghl';
import { FakeClock } from 'fuseline/testing';
import { Arrivals } from '../../../../generator/simulator/engine/arrivals.js';
import { CONNECT_TIMEOUT_MS, ScenarioBehaviour } from '../../../../generator/simulator/engine/behaviour.js';
import { Random, subSeed } from '../../../../generator/simulator/engine/random.js';
import { segmentsOf } from '../../../../generator/simulator/engine/segments.js';
import type { Scenario, ServiceScenario } from '../../../../generator/simulator/scenario/types.js';
import type { DispatcherLike, TransportController, TransportHandler } from '../../../../runtime/call/transport/types.js';

/** What became of the calls of a scenario. */
export interface Counts {
  calls: number;
  network: number;
  cache: number;
  fallback: number;
  blocked: number;
  limited: number;
  attempts: number;
  errors: Record<string, number>;
  waits: number[];
  transitions: readonly (readonly [atMs: number, circuit: string, from: string, to: string])[];
}

/** The client as the generator would write it for another breaker YAML. */
class FileClient extends ServiceClient {
  readonly contacts = new ContactsApi(this);

  constructor(policies: ServicePolicies, options: ClientOptions) {
    super({ ...ghlService, policies }, options, { contactsCreate, contactsDelete, contactsGet });
  }
}

/** The operations that scenarios of this test call, and how the generated client is asked for them. */
const CALLS: Readonly<Record<string, (ghl: FileClient, request: string) => { result(): Promise<Outcome> }>> = {
  'contacts.get': (ghl, contactId) => ghl.contacts.get({ contactId }),
  'contacts.delete': (ghl, contactId) => ghl.contacts.delete({ contactId }),
  'contacts.create': (ghl, name) => ghl.contacts.create({ body: { locationId: 'l', name } }),
};

type Outcome =
  | { readonly ok: true; readonly source: string; readonly attempts: number }
  | { readonly ok: false; readonly error: FuselineError; readonly attempts: number };

/**
 * Plays a scenario with the generated client of the package, promises, a fake clock and a transport of plain timers: what users run. It has the
 * scenario in common with the simulator (when callers call, what the service does), and nothing of what the simulator is made of.
 */
export async function playWithRealClient(scenario: Scenario, breakersYaml: string): Promise<Counts> {
  const [service] = scenario.services as [ServiceScenario];
  const { seed, durationMs } = scenario;
  const segments = segmentsOf(service, durationMs);
  const clock = new FakeClock();
  const jitter = new Random(subSeed(seed, 'jitter'));
  const random = (): number => jitter.next();
  const circuits = new Random(subSeed(seed, 'circuits'));
  const registry = new BreakerRegistry({ clock, random: () => circuits.next() });
  const behaviour = new ScenarioBehaviour(service, segments, seed);
  const counts: Counts = {
    calls: 0,
    network: 0,
    cache: 0,
    fallback: 0,
    blocked: 0,
    limited: 0,
    attempts: 0,
    errors: {},
    waits: [],
    transitions: [],
  };
  const transitions: [number, string, string, string][] = [];
  registry.subscribe((event) => {
    if (event.type === 'call_rejected') counts.blocked++;
    else if (event.type === 'call_limited') counts.limited++;
    else if (event.type.startsWith('circuit_')) {
      const { circuit, oldState, newState } = event as TransitionEvent;
      transitions.push([clock.now(), circuit, oldState, newState]);
    }
  });
  const { config, diagnostics } = parseBreakers(breakersYaml, 'b.yaml');
  if (config === undefined) throw new DiagnosticError(diagnostics);
  const { policies } = config.service('ghl');
  const clients = Array.from({ length: service.senders }, (_, sender) => {
    const dispatcher = transportOf(clock, service, behaviour, sender);
    return new FileClient(policies, { clock, random, registry, dispatcher, token: `sender-${sender}`, env: {} });
  });
  // In the order in which the simulator makes its circuits: each draws a number.
  for (const { id } of service.operations) clients[0]?.breaker(id);
  let underWay = 0;
  const callers = new Arrivals(service, segments, seed);
  for (; callers.nextMs < durationMs; callers.next()) {
    await clock.advance(callers.nextMs - clock.now());
    const call = CALLS[service.operations[callers.operation]?.id ?? ''];
    const client = clients[callers.sender];
    if (call === undefined || client === undefined) throw new Error('a scenario that this test cannot play');
    const startedAt = clock.now();
    counts.calls++;
    underWay++;
    void call(client, `r${callers.request}`)
      .result()
      .then((outcome) => {
        underWay--;
        counts.waits.push(clock.now() - startedAt);
        counts.attempts += outcome.attempts;
        if (!outcome.ok) counts.errors[outcome.error.kind] = (counts.errors[outcome.error.kind] ?? 0) + 1;
        else counts[outcome.source as 'network' | 'cache' | 'fallback']++;
      });
  }
  await clock.advance(durationMs - clock.now());
  while (underWay > 0 && clock.now() < durationMs + 3_600_000) await clock.advance(5_000);
  counts.transitions = transitions;
  return counts;
}

const UNSENT = {
  refused: 'ECONNREFUSED',
  connect_timeout: 'UND_ERR_CONNECT_TIMEOUT',
  dns: 'ENOTFOUND',
  tls: 'CERT_HAS_EXPIRED',
  unreachable: 'EHOSTUNREACH',
  proxy: 'EPROXY_502',
  local: 'EMFILE',
};
const SENT = { network: 'ECONNRESET', protocol: 'HPE_INVALID_CONSTANT', body_timeout: 'UND_ERR_BODY_TIMEOUT' };

/** A server behind the fake clock, with a timer for each answer. */
function transportOf(clock: FakeClock, { operations }: ServiceScenario, behaviour: ScenarioBehaviour, sender: number): DispatcherLike {
  const indexOf = (method: string): number => {
    const id = { GET: 'contacts.get', DELETE: 'contacts.delete', POST: 'contacts.create' }[method];
    return operations.findIndex((operation) => operation.id === id);
  };
  return {
    signsRequests: false,
    dispatch({ method }, handler: TransportHandler): boolean {
      const { fault, delayMs, retryAfterSeconds } = behaviour.reply(indexOf(method), sender, clock.now());
      let over = false;
      const end = (): boolean => {
        const first = !over;
        over = true;
        return first;
      };
      const controller: TransportController = {
        abort: (reason) => {
          if (end()) handler.onResponseError(controller, reason);
        },
      };
      const breaks = (code: string, afterMs: number): void => {
        clock.setTimeout(() => {
          if (end()) handler.onResponseError(controller, Object.assign(new Error(code), { code }));
        }, afterMs);
      };
      if (typeof fault === 'string' && fault in UNSENT) {
        breaks(UNSENT[fault as keyof typeof UNSENT], fault === 'connect_timeout' ? CONNECT_TIMEOUT_MS : 0);
        return true;
      }
      if (typeof fault === 'string' && fault in SENT) breaks(SENT[fault as keyof typeof SENT], delayMs);
      else if (fault !== 'hang') {
        clock.setTimeout(() => {
          if (!end()) return;
          const status = typeof fault === 'number' ? fault : 200;
          const headers: Record<string, string> = { 'content-type': 'application/json' };
          if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
          handler.onResponseStart(controller, status, headers);
          handler.onResponseData(controller, new TextEncoder().encode('{"contact":{"id":"c"},"succeded":true}'));
          handler.onResponseEnd(controller, {});
        }, delayMs);
      }
      handler.onRequestStart(controller, undefined);
      return true;
    },
  };
}
