import type { Audience } from '../../runtime/observe/event-hub.js';
import type { FuselineEvent } from '../../runtime/observe/events.js';
import { CURRENT } from '../../runtime/user-code.js';

/** A call that receives its own events. */
export function audience(hear: (event: FuselineEvent) => unknown): Audience {
  return { user: CURRENT, hears: true, hear: (event) => void hear(event) };
}
