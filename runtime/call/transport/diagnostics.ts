import { builtin } from '../../user-code.js';

const created = builtin('node:diagnostics_channel')?.channel('undici:request:create');

/**
 * Returns true if a tool in the process observes undici's requests, such as OpenTelemetry's instrumentation. Such a tool reads the asynchronous
 * context of `dispatch`.
 */
export function requestsAreFollowed(): boolean {
  return created?.hasSubscribers === true;
}
