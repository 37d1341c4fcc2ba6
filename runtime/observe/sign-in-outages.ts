import type { SignInReason } from '../errors/sign-in-error.js';

/** The reasons of a failed sign-in that a person must mend. The others end by themselves, or are the application's own. */
export type OutageReason = Extract<SignInReason, 'expired' | 'refused' | 'unusable'>;

/** An account whose sign-in fails until a person mends it. Times are wall-clock milliseconds. */
interface FailingAccount {
  /** The name of the sign-in. */
  readonly signIn: string;
  /** The circuit of its endpoint. */
  readonly circuit: string;
  /** Empty for the account without a name. */
  readonly account: string;
  readonly reason: OutageReason;
  readonly since: number;
  readonly lastAt: number;
}

/** The outage of a sign-in: all its accounts that fail. */
export interface SignInOutage {
  readonly signIn: string;
  readonly circuit: string;
  /** The reason of the account that failed last. */
  readonly reason: OutageReason;
  readonly since: number;
  /** The names of the accounts; an empty one is the account without a name. */
  readonly accounts: readonly string[];
}

const REASONS: ReadonlySet<unknown> = new Set<OutageReason>(['expired', 'refused', 'unusable']);

/** The failing accounts that are kept. Further ones are not reported. */
const MOST_ACCOUNTS = 10_000;
/** An account with a name that was not asked for so long is forgotten, in milliseconds. A tenant that left would otherwise be reported for ever. */
const FORGOTTEN_MS = 3_600_000;

const failing = new WeakMap<object, Map<string, FailingAccount>>();

/** Notes that an account got no token. `key` is the same for all objects of the account. Reasons that need no person change nothing. */
export function signInFailed(
  registry: object,
  key: string,
  {
    reason,
    at,
    ...account
  }: Pick<FailingAccount, 'signIn' | 'circuit' | 'account'> & { readonly reason: SignInReason; readonly at: number },
): void {
  if (!REASONS.has(reason)) return;
  let accounts = failing.get(registry);
  if (accounts === undefined) {
    accounts = new Map();
    failing.set(registry, accounts);
  }
  const since = accounts.get(key)?.since ?? at;
  if (!accounts.delete(key) && accounts.size >= MOST_ACCOUNTS) return;
  accounts.set(key, { ...account, reason: reason as OutageReason, since, lastAt: at });
}

/** Notes that an account has tokens again. */
export function signInEnded(registry: object, key: string): void {
  failing.get(registry)?.delete(key);
}

/** Returns the present outages, one for each circuit of an endpoint. `at`: the wall-clock time. */
export function signInOutages(registry: object, at: number): readonly SignInOutage[] {
  const outages = new Map<string, { -readonly [K in keyof SignInOutage]: SignInOutage[K] } & { accounts: string[] }>();
  const accounts = failing.get(registry);
  for (const [key, { signIn, circuit, account, reason, since, lastAt }] of accounts ?? []) {
    if (account !== '' && at - lastAt > FORGOTTEN_MS) {
      accounts?.delete(key);
      continue;
    }
    const outage = outages.get(circuit);
    if (outage === undefined) outages.set(circuit, { signIn, circuit, reason, since, accounts: [account] });
    else {
      // The account that failed last is the last of the map.
      outage.reason = reason;
      outage.since = Math.min(outage.since, since);
      outage.accounts.push(account);
    }
  }
  return [...outages.values()];
}
