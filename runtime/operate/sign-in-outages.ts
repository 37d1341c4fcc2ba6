import type { OutageReason, SignInOutage } from '../observe/sign-in-outages.js';
import { unsignedCalls } from '../observe/unsigned-calls.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';

/** What happened, and what a person can do, by reason. */
export const OUTAGE_WORDS: Readonly<Record<OutageReason, { readonly what: string; readonly action: string }>> = {
  expired: { what: 'the server does not accept the refresh token any more', action: 'Sign in again, and save the new tokens' },
  refused: { what: 'the server refuses the client', action: 'Check clientId, clientSecret, clientAuth and scope' },
  unusable: { what: 'the answer of the token endpoint holds no token', action: 'Check tokenUrl' },
};

/** Returns the outage that concerns a circuit: that of its own sign-in, or the one because of which its last call without a token failed. */
export function outageOf(circuit: CircuitBreaker, outages: readonly SignInOutage[]): SignInOutage | undefined {
  const own = outages.find((outage) => outage.circuit === circuit.name);
  if (own !== undefined || outages.length === 0) return own;
  const unsigned = unsignedCalls(circuit);
  if (unsigned === undefined) return undefined;
  return outages.find(({ signIn, since }) => signIn === unsigned.signIn && since <= unsigned.lastAt);
}

/** Returns ` of 3 accounts`, or nothing if the only account has no name. */
export function accountsText({ accounts }: SignInOutage): string {
  const [first] = accounts;
  if (accounts.length > 1) return ` of ${accounts.length} accounts`;
  return first === '' || first === undefined ? '' : ` of the account ${first}`;
}
