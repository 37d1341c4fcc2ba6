import { type BreakerInput, BreakerRegistry, type CircuitBreaker, type FuselineEvent } from '../../../../runtime/index.js';
import {
  memoryStore,
  type SharedState,
  type SharedStateStore,
  type ShareOptions,
  shareState,
} from '../../../../runtime/state/shared/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

export const RECOVERY_MS = 60_000;
const OPTIONS = { failureThreshold: 3, successThreshold: 1, recoveryTimeoutMs: RECOVERY_MS };

/** One process: a registry that shares, with a circuit `ghl`. */
export class Member {
  readonly registry: BreakerRegistry;
  readonly breaker: CircuitBreaker;
  readonly shared: SharedState;
  readonly events: FuselineEvent[] = [];

  constructor(clock: FakeClock, instance: string, options: ShareOptions, breaker: BreakerInput = {}) {
    this.registry = new BreakerRegistry({ clock });
    this.breaker = this.registry.obtain('ghl', 'ghl', { ...OPTIONS, ...breaker });
    this.registry.subscribe((event) => this.events.push(event));
    this.shared = shareState({ registry: this.registry, instance, clock, ...options });
  }

  /** Its calls fail until the circuit opens. */
  fail(): this {
    for (let at = 0; at < OPTIONS.failureThreshold; at++) this.call('failure');
    return this;
  }

  /** One call; false where the circuit refuses it. */
  call(outcome: 'success' | 'failure'): boolean {
    const now = this.breaker.clock.now();
    const permit = this.breaker.enter(now);
    this.breaker.exit(permit, outcome, now);
    return permit !== 0;
  }

  /** What opened the circuit, each time. */
  get openings(): readonly (string | undefined)[] {
    return this.events.flatMap((event) => (event.type === 'circuit_opened' ? [event.reason] : []));
  }

  /** What was told of the store. */
  get told(): readonly string[] {
    return this.events.flatMap(({ type }) => (type.startsWith('shared_state') ? [type] : []));
  }
}

/** Processes that share through one store, on one clock. */
export class Fleet {
  readonly clock: FakeClock;
  readonly store: SharedStateStore;
  readonly members: Member[] = [];

  constructor(size: number, options: Partial<ShareOptions> = {}, clock = new FakeClock()) {
    this.clock = clock;
    this.store = options.store ?? memoryStore({ clock: this.clock });
    for (let at = 0; at < size; at++) this.join(options);
  }

  join(options: Partial<ShareOptions> = {}, breaker: BreakerInput = {}): Member {
    const member = new Member(this.clock, `m${this.members.length}`, { store: this.store, ...options }, breaker);
    this.members.push(member);
    return member;
  }

  at(index: number): Member {
    const member = this.members[index];
    if (member === undefined) throw new Error(`there is no member ${index}`);
    return member;
  }

  get states(): readonly string[] {
    return this.members.map(({ breaker }) => breaker.state);
  }

  /** Time passes: everybody has told and heard everything. */
  async exchanged(): Promise<void> {
    await this.clock.advance(2_000);
  }

  stop(): void {
    for (const { shared } of this.members) shared.stop();
  }
}
