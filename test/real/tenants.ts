import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallTrace, ClientOptions, FuselineEvent, Instrumentation } from 'fuseline';

/** The tenant on whose behalf the program works, as a multi-tenant bot keeps it. */
export const tenant = new AsyncLocalStorage<string>();

export const TENANTS = ['ana', 'bob', 'cyd'] as const;

/** One entry into the user's code: what it was, whose call it was for, and which tenant's context it ran in. */
export interface Entry {
  readonly kind: string;
  readonly owner: string;
  readonly found: string | undefined;
}

/** Writes down in which context each function of the user's runs. */
export class ContextLog {
  readonly entries: Entry[] = [];
  readonly #byEvent = new Map<FuselineEvent, string | undefined>();

  note(kind: string, owner: string): void {
    this.entries.push({ kind, owner, found: tenant.getStore() });
  }

  /** A listener of a registry that all tenants share: an event names no tenant, so its owner is known once the client's own listener gets it. */
  readonly listener = (event: FuselineEvent): void => {
    this.#byEvent.set(event, tenant.getStore());
  };

  /** Every kind of function that a client takes, each of which notes its context. */
  options(owner: string, { signs = true }: { readonly signs?: boolean } = {}): ClientOptions {
    return {
      token: () => {
        this.note('token', owner);
        return `tok-${tenant.getStore()}`;
      },
      onEvent: (event) => {
        this.note(`onEvent ${event.type}`, owner);
        if (this.#byEvent.has(event)) this.entries.push({ kind: `listener ${event.type}`, owner, found: this.#byEvent.get(event) });
      },
      random: () => {
        this.note('random', owner);
        return 0;
      },
      instrumentation: this.instrumentation(owner, signs),
    };
  }

  /** `signs`: it adds a header that tells tenants apart. */
  instrumentation(owner: string, signs: boolean): Instrumentation {
    const trace: CallTrace = {
      attemptStarted: () => {
        this.note('attemptStarted', owner);
        return signs ? { 'x-tenant': tenant.getStore() ?? 'none' } : undefined;
      },
      attemptEnded: () => this.note('attemptEnded', owner),
      event: () => this.note('trace event', owner),
      ended: () => this.note('ended', owner),
    };
    return {
      callStarted: () => {
        this.note('callStarted', owner);
        return trace;
      },
    };
  }

  fallback(owner: string): () => Promise<unknown> {
    return async () => {
      this.note('fallback', owner);
      await undefined;
      this.note('fallback, later', owner);
      return { by: owner };
    };
  }

  get foreign(): readonly Entry[] {
    return this.entries.filter(({ owner, found }) => owner !== found);
  }

  get kinds(): ReadonlySet<string> {
    return new Set(this.entries.map(({ kind }) => kind));
  }
}

/** Does `work` for each tenant in that tenant's context, all concurrently. */
export function asEach<T>(work: (name: string) => Promise<T>): Promise<T[]> {
  return Promise.all(TENANTS.map((name) => tenant.run(name, () => work(name))));
}

/** The part of a trace that does nothing. */
export const quiet = { attemptEnded: () => undefined, event: () => undefined, ended: () => undefined };
