import { operation } from './client.js';

/** An operation whose requests have parameters in every place, and a body. */
export const everything = operation({
  id: 'things.everything',
  method: 'PUT',
  path: '/things/{id}',
  params: [
    { key: 'id', in: 'path' },
    { key: 'q', in: 'query' },
    { key: 'session', in: 'cookie' },
  ],
  body: { kind: 'json', contentType: 'application/json' },
});
