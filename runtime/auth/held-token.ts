import type { Clock } from '../clock.js';
import type { Tokens } from './tokens.js';

/** An access token in use. Times are monotonic milliseconds; Infinity: never. */
export interface HeldToken {
  readonly accessToken: string;
  /** When it is renewed beside the calls that use it. */
  readonly refreshAt: number;
  /** When it is used no more. */
  readonly expiresAt: number;
  /** When this process began to use it; -Infinity if another process may have used it before. */
  readonly since: number;
  /** Another one can be had. */
  readonly renewable: boolean;
}

/**
 * A token from the server is used for at least this long, in milliseconds, whatever its `expires_in` says. Some servers give the same token until it ends, with
 * the whole seconds that it has left, or always say 0. Without this rule each call would ask for a token.
 */
const LEAST_USE_MS = 1_000;

/** How a token is held. */
export interface Holding {
  readonly clock: Clock;
  readonly earlyRefreshMs: number;
  /** 0 to 1: where between once and twice `earlyRefreshMs` it is renewed. */
  readonly drawn: number;
  readonly fromServer: boolean;
  readonly renewable: boolean;
}

/**
 * Holds a token. The wall clock is read once, to find out how long the token has left: it is what processes have in common. From then on the monotonic
 * clock decides.
 */
export function holdToken(
  { accessToken, expiresAt }: Tokens & { readonly accessToken: string },
  { clock, earlyRefreshMs, drawn, fromServer, renewable }: Holding,
): HeldToken {
  const now = clock.now();
  const since = fromServer ? now : Number.NEGATIVE_INFINITY;
  const base = { accessToken, since, renewable };
  if (expiresAt === undefined) return { ...base, refreshAt: Number.POSITIVE_INFINITY, expiresAt: Number.POSITIVE_INFINITY };
  const leftMs = expiresAt - clock.wallNow();
  const earlyMs = Math.min(earlyRefreshMs * (1 + drawn), leftMs / 4);
  const leastUntil = fromServer ? now + LEAST_USE_MS : now;
  const until = Math.max(now + leftMs, leastUntil);
  return { ...base, refreshAt: renewable ? Math.max(now + leftMs - earlyMs, leastUntil) : until, expiresAt: until };
}
