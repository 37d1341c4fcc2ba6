import { getEventListeners } from 'node:events';
import { ApiPromise, BreakerRegistry, operationStats, ServiceClient } from '../../runtime/index.js';
import { auditCalls, auditCircuit, auditOperation, auditWire, type Tally, tally } from './audit.js';
import { type CallRecord, type Round, runCaller } from './caller.js';
import { CountingClock } from './counting-clock.js';
import { EventOrder } from './event-order.js';
import { activeResources, eventually, heapInUse, watchSecondSettlements } from './leaks.js';
import type { Ledger } from './ledger.js';
import { BASE_OPTIONS, OPERATIONS, SERVICE } from './operations.js';
import { seeded } from './random.js';
import { ForgetfulClock, keepListeners, loseExits, type Sabotage } from './sabotage.js';
import type { ServerProcess } from './server-process.js';

/** What the soak is told. */
export interface Plan {
  readonly seed: number;
  readonly callers: number;
  readonly rounds: number;
  readonly roundMs: number;
  /** Breaks something on purpose. */
  readonly sabotage: Sabotage | undefined;
}

/** What it found. */
export interface Findings {
  readonly faults: string[];
  readonly outcomes: Record<string, number>;
  readonly serverDid: Record<string, number>;
  /** Heap after each round, in bytes. */
  readonly heap: number[];
  readonly events: Record<string, number>;
  calls: number;
  requests: number;
  timers: number;
}

/** Calls that failed for a reason of each kind must be among them, or the soak proved nothing. */
const MUST_OCCUR = ['ok', 'fallback', 'aborted', 'circuit_open', 'timeout'];

/** What is rarer must be among this many requests: a short run on a busy machine comes to fewer. */
const MANY_REQUESTS = 5_000;
const MUST_OCCUR_AMONG_MANY = ['cache', 'retry_exhausted'];
/** As must openings, waits and refusals of each kind among a long run's: chance alone decides what the few circuits of a short one meet. */
const LONG_RUN_REQUESTS = 20_000;
const MUST_BE_SEEN_IN_A_LONG_RUN = ['consecutive_failures', 'failure_rate', 'probe_failed', 'longer wait', 'open', 'half_open', 'ramp'];

/** Rounds that a run may take, in rounds of its plan. */
const MOST_ROUNDS = 5;

/** How long anything may take to go away once the callers are done, in milliseconds: keep-alive is one second. */
const PATIENCE_MS = 30_000;

/** Lets callers loose on the server, round by round, and looks after each what is left. */
export class Soak {
  readonly findings: Findings = { faults: [], outcomes: {}, serverDid: {}, heap: [], events: {}, calls: 0, requests: 0, timers: 0 };
  readonly #plan: Plan;
  readonly #server: ServerProcess;
  readonly #random: () => number;
  readonly #clock: CountingClock;
  readonly #registry = new BreakerRegistry();
  readonly #order = new EventOrder((circuit) => this.#registry.get(circuit)?.options);
  /** By operation id, over all rounds. */
  readonly #tallies = new Map<string, Tally>();
  readonly #shared = new AbortController();
  readonly #before = activeResources();
  readonly #clients: Round['clients'];

  constructor(plan: Plan, server: ServerProcess) {
    this.#plan = plan;
    this.#server = server;
    this.#random = seeded(plan.seed);
    this.#clock = plan.sabotage === 'timer' ? new ForgetfulClock() : new CountingClock();
    if (plan.sabotage === 'permit') loseExits();
    if (plan.sabotage === 'listener') keepListeners(this.#shared.signal);
    this.#clients = { undici: this.#makeClient('undici'), fetch: this.#makeClient('fetch') };
    this.#registry.subscribe(this.#order.listener);
    watchSecondSettlements(ApiPromise, () => this.#fault('a call settled twice'));
    process.on('unhandledRejection', (reason) => this.#fault(`unhandled rejection: ${reason}`));
    process.on('warning', (warning) => {
      if (!warning.message.includes('multipleResolves')) this.#fault(`warning: ${warning.message}`);
    });
  }

  async run(onRound: (number: number) => void): Promise<Findings> {
    const { rounds } = this.#plan;
    // A busy machine gets further rounds until everything occurred.
    for (let number = 1; number <= rounds || (number <= MOST_ROUNDS * rounds && this.#missing().length > 0); number++) {
      await this.#round(number);
      onRound(number);
      // What is broken stays broken; waiting for it round after round would only take time.
      if (this.findings.faults.length > 0) return this.findings;
    }
    await this.#recover();
    this.findings.faults.push(...this.#order.faults);
    this.#checkHeap();
    this.#checkProof();
    this.findings.timers = this.#clock.set;
    return this.findings;
  }

  async #round(number: number): Promise<void> {
    const records: CallRecord[] = [];
    const round: Round = {
      random: this.#random,
      makeClient: (transport) => this.#makeClient(transport),
      clients: this.#clients,
      shared: this.#shared.signal,
      until: performance.now() + this.#plan.roundMs,
      records,
      fault: (what) => this.#fault(what),
    };
    this.#server.forget();
    this.#server.start();
    await Promise.all(Array.from({ length: this.#plan.callers }, (_, caller) => runCaller(round, `${number}.${caller}`)));
    this.#server.calm();
    // Whatever a call of its own had set is cleared when it settles; what is left are the shared timers of the two limits, and they end by themselves.
    if (this.#clock.pending > SHARED_TIMERS) this.#fault(`${this.#clock.pending} timers are pending although every call has settled`);
    const ledger = await this.#drained();
    this.#count(records, ledger);
    const audit = { records, ledger, fault: round.fault };
    auditCalls(audit);
    auditWire(audit);
    for (const circuit of this.#registry.list()) auditCircuit(circuit, this.#order, round.fault);
    this.#auditOperations(records);
    this.findings.faults.push(...this.#order.faults);
    // What is broken already stays so, however long one waits.
    if (this.findings.faults.length > 0) return;
    await this.#nothingLeft();
    records.length = 0;
    this.#server.forget();
    this.findings.heap.push(await heapInUse());
  }

  #auditOperations(records: readonly CallRecord[]): void {
    tally(records, this.#tallies);
    const all = operationStats(this.#registry);
    if (all.length !== this.#tallies.size) this.#fault(`${all.length} operations counted, but ${this.#tallies.size} called`);
    for (const stats of all) {
      const told = this.#tallies.get(stats.operation);
      if (told !== undefined) auditOperation(stats, told, (what) => this.#fault(what));
    }
  }

  /** What the server saw, once all that it began has ended. */
  async #drained(): Promise<Ledger> {
    let ledger = await this.#server.ledger();
    await eventually(async () => {
      ledger = await this.#server.ledger();
      return ledger.open === 0;
    }, PATIENCE_MS);
    return ledger;
  }

  /** Nothing may remain: no timer, listener or socket. */
  async #nothingLeft(): Promise<void> {
    if (getEventListeners(this.#shared.signal, 'abort').length > 0) this.#fault('a listener is left on the shared signal');
    const left = (): string => {
      const grown = Object.entries(activeResources()).filter(([name, count]) => count > (this.#before[name] ?? 0));
      return grown.map(([name, count]) => `${count} ${name}`).join(', ');
    };
    if (!(await eventually(() => left() === '', PATIENCE_MS))) this.#fault(`left alive in the process: ${left()}`);
    if (!(await eventually(() => this.#clock.pending === 0, PATIENCE_MS)))
      this.#fault(`${this.#clock.pending} timers of the runtime are pending`);
    let connections = 0;
    const closed = await eventually(async () => {
      ({ connections } = await this.#server.ledger());
      return connections === 0;
    }, PATIENCE_MS);
    if (!closed) this.#fault(`${connections} connections are open on the server's side`);
  }

  /** In fine weather every circuit closes again: no place of a probe was lost. */
  async #recover(): Promise<void> {
    const client = this.#clients.undici;
    for (const circuit of this.#registry.list()) {
      const operation = Object.values(OPERATIONS).find(({ id }) => circuit.name.endsWith(`/${id}`));
      if (operation === undefined) {
        this.#fault(`${circuit.name}: a circuit of no operation`);
        continue;
      }
      const params = { key: 'recovery', ...(operation.body === undefined ? {} : { body: {} }) };
      const closed = await eventually(async () => {
        await client.call(operation, params, { fallback: false }).result();
        return circuit.state === 'closed';
      }, PATIENCE_MS);
      if (!closed) this.#fault(`${circuit.name}: still ${circuit.state} in fine weather`);
      auditCircuit(circuit, this.#order, (what) => this.#fault(what));
      for (const [type, count] of Object.entries(this.#order.counts(circuit.name))) add(this.findings.events, type, count);
    }
  }

  /**
   * The first rounds fill caches and let the compiler work: up to 2 megabytes, on a busy machine until the last one. After that, what is left after a round goes
   * up and down by half a megabyte. Calls that were kept would add several.
   */
  #checkHeap(): void {
    const { heap } = this.findings;
    const half = Math.ceil(heap.length / 2);
    const grown = Math.min(...heap.slice(half)) - Math.min(...heap.slice(1, half));
    if (grown > MAX_GROWTH_BYTES) this.#fault(`the heap grew by ${(grown / 2 ** 20).toFixed(2)} MiB from the first half to the second`);
  }

  #checkProof(): void {
    for (const what of this.#missing()) this.#fault(`no '${what}' occurred: this run proves little`);
  }

  /** What must occur and did not so far. */
  #missing(): readonly string[] {
    const { outcomes, requests } = this.findings;
    const many = requests >= MANY_REQUESTS;
    return [
      ...[...MUST_OCCUR, ...(many ? MUST_OCCUR_AMONG_MANY : [])].filter((kind) => outcomes[kind] === undefined),
      ...(requests >= LONG_RUN_REQUESTS ? MUST_BE_SEEN_IN_A_LONG_RUN : []).filter((what) => !this.#order.seen.has(what)),
    ];
  }

  #count(records: readonly CallRecord[], ledger: Ledger): void {
    this.findings.calls += records.length;
    for (const { outcome } of records) add(this.findings.outcomes, outcome, 1);
    for (const [fault, count] of Object.entries(ledger.faults)) {
      add(this.findings.serverDid, fault, count);
      this.findings.requests += count;
    }
  }

  #makeClient(transport: 'undici' | 'fetch'): ServiceClient {
    const { origin } = this.#server;
    const options = { ...BASE_OPTIONS, baseUrl: origin, token: 'soak', transport, clock: this.#clock, registry: this.#registry };
    return new ServiceClient(SERVICE, options, OPERATIONS);
  }

  #fault(what: string): void {
    // One broken invariant breaks on every call; the first say it all.
    if (this.findings.faults.length < 50) this.findings.faults.push(what);
  }
}

/** One for each duration that the service's attempts have. */
const SHARED_TIMERS = 2;

/** From the leanest round of the first half to the leanest of the second. */
const MAX_GROWTH_BYTES = 2.5 * 2 ** 20;

function add(counts: Record<string, number>, key: string, count: number): void {
  counts[key] = (counts[key] ?? 0) + count;
}
