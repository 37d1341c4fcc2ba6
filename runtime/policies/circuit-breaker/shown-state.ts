import type { BreakerState } from './state.js';

/** The state as users see it: whether the circuit admits calls, also if it is forced. */
export type Shown = 'closed' | 'open' | 'half_open';

/** The visible state of each internal state. */
export const SHOWN_STATE: { readonly [K in BreakerState['kind']]: Shown } = {
  closed: 'closed',
  open: 'open',
  half_open: 'half_open',
  forced_open: 'open',
  forced_closed: 'closed',
  metrics_only: 'closed',
};
