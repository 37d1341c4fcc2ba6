import type { SharedAgent } from './types.js';

/**
 * Opens a connection to an origin, and sends nothing. undici connects before it starts a request. If the start throws, undici drops the request and keeps
 * the connection (`writeH1` in undici's `lib/dispatcher/client-h1.js`). A connection that cannot be opened is no error here: the next call reports it.
 */
export function openConnection(agent: SharedAgent, origin: string): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve();
    try {
      agent.dispatch(
        { origin, path: '/', method: 'HEAD', headers: [], body: null },
        {
          onRequestStart() {
            throw new Error('connected; nothing is to be sent');
          },
          onResponseStart: done,
          onResponseData: done,
          onResponseEnd: done,
          onResponseError: done,
        },
      );
    } catch {
      done();
    }
  });
}
