import { builtin } from '../../user-code.js';

const created = builtin('node:diagnostics_channel')?.channel('undici:request:create');

/** Whether something in the process follows undici's requests, such as OpenTelemetry's instrumentation of it: it looks at the async context of `dispatch`. */
export function requestsAreFollowed(): boolean {
  return created?.hasSubscribers === true;
}
