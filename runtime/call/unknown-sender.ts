import type { CompiledOperation } from './operation.js';
import type { Sender } from './request/sender.js';

/** What a call wanted that needs a known sender. */
type Wanted = 'coalesce' | 'lastGood';

const told = new Set<string>();

/**
 * Warns the process, once per service and cause, that an option has no effect because fuseline cannot tell who sends the requests. Without the warning,
 * `coalesce` shares nothing and `lastGood()` keeps nothing, and nobody notices before an outage.
 */
export function tellUnknownSender({ client, place }: Pick<CompiledOperation, 'client' | 'place'>, sender: Sender, wanted: Wanted): void {
  const cause = causeOf(sender, client.overFetch);
  const key = `${wanted} ${cause} ${place.service}`;
  if (told.has(key) || typeof process === 'undefined' || typeof process.emitWarning !== 'function') return;
  told.add(key);
  const [why, remedy] = CAUSES[cause];
  process.emitWarning(`${LOSSES[wanted]} of ${place.service}: ${why}. ${remedy}.`, {
    type: 'FuselineWarning',
    code: 'FUSELINE_UNKNOWN_SENDER',
  });
}

const LOSSES: Readonly<Record<Wanted, string>> = {
  coalesce: '`coalesce` is on, but no request is shared by a client',
  lastGood: 'A fallback uses the last good response, but none is kept for a client',
};

const REMEDY = 'Give the client an `identity` that says who sends, or set `signsRequests: false` on';

const CAUSES = {
  dispatcher: ['its `dispatcher` may sign requests', `${REMEDY} the dispatcher if it adds nothing`],
  instrumentation: ['its `instrumentation` may sign requests', `${REMEDY} the instrumentation if it names no sender`],
  fetch: ['the global `fetch` was replaced and may sign requests', 'Give the client an `identity` that says who sends'],
  credentials: [
    'the client knows no credentials of the sender',
    'Give it a `token` or `credentials`, or an `identity` that says who sends',
  ],
} as const;

function causeOf({ signedUnseen, whole }: Sender, overFetch: boolean): keyof typeof CAUSES {
  if (signedUnseen) return overFetch ? 'fetch' : 'dispatcher';
  return whole ? 'credentials' : 'instrumentation';
}
