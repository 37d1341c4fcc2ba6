import type { DispatcherLike, TransportController, TransportHandler } from '../runtime/index.js';
import { contactJson } from './contact.js';

const controller: TransportController = { abort: () => undefined };
const headers = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': 'b0a0c1f2' };
const trailers = {};

/** An answer so small that parsing it hides nothing. */
export const TINY_JSON = '{"contact":null}';

/** Answers each request on the spot with the same bytes and allocates nothing: what remains is our own cost. */
export function memoryDispatcher(json: string = contactJson): DispatcherLike {
  const bytes = Buffer.from(json);
  return {
    signsRequests: false,
    dispatch(_request, handler: TransportHandler): boolean {
      handler.onRequestStart(controller, undefined);
      handler.onResponseStart(controller, 200, headers, 'OK');
      handler.onResponseData(controller, bytes);
      handler.onResponseEnd(controller, trailers);
      return true;
    },
  };
}
