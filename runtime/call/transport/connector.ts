import { withoutStack } from '../../errors/base.js';
import type { Undici } from './undici.js';

/** Opens a connection for undici. */
export type Connector = ReturnType<Undici['buildConnector']>;

/**
 * Returns a connector after whose connections undici opens no other one when a request is aborted. undici closes the connection of an aborted request,
 * and keeps the request as the next of its queue. So it opens a connection for that request, only to find that there is nothing to send. It does not if
 * the connection closes for a reason that is not its own.
 */
export function endsWithAborted(connect: Connector): Connector {
  return (options, callback) =>
    connect(options, (...answer) => {
      const [, socket] = answer;
      if (socket !== null && socket !== undefined) {
        const destroy = socket.destroy;
        socket.destroy = (error?: Error) => destroy.call(socket, isAbort(error) ? ABORTED : error);
      }
      callback(...answer);
    });
}

/** Shared by all connections, because no caller sees it. undici takes the code as that of a connection which the other side closed. */
const ABORTED: Error = withoutStack(() => Object.assign(new Error('the request was aborted'), { code: 'UND_ERR_SOCKET' }));

/** Whether undici closes a connection because its request was aborted (`writeH1` in undici's `lib/dispatcher/client-h1.js`). */
function isAbort(error: (Error & { readonly code?: unknown }) | undefined): boolean {
  return error?.code === 'UND_ERR_INFO' && error.message === 'aborted';
}
