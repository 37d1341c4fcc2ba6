import type { ClientOptions, ServiceClient } from 'fuseline';
import { testClient } from '../../support/client.js';
import type { InMemory } from '../../support/in-memory.js';

/** A client without retries that has a fallback for `things.get`, if one is given. */
export function fallbackClient(dispatcher: InMemory, fallback?: unknown, options: ClientOptions = {}): ServiceClient {
  return testClient({
    baseUrl: 'http://acme.test',
    token: 't',
    dispatcher,
    retry: false,
    ...(fallback === undefined ? {} : { fallbacks: { 'things.get': fallback } }),
    ...options,
  });
}
