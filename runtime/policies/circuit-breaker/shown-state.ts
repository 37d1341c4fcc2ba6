import type { BreakerState } from './state.js';

/** A state as it looks from outside, where all that matters is whether calls pass. */
export type Shown = 'closed' | 'open' | 'half_open';

/** How each state looks from outside. */
export const SHOWN_STATE: { readonly [K in BreakerState['kind']]: Shown } = {
  closed: 'closed',
  open: 'open',
  half_open: 'half_open',
  forced_open: 'open',
  forced_closed: 'closed',
  metrics_only: 'closed',
};
