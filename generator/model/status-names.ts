import type { ResponseModel } from './types.js';

/** An own table: names in generated code must not depend on the Node version that generates it. */
const NAMES: Readonly<Record<number, string>> = {
  200: 'Ok',
  201: 'Created',
  202: 'Accepted',
  203: 'NonAuthoritative',
  204: 'NoContent',
  206: 'PartialContent',
  207: 'MultiStatus',
  301: 'MovedPermanently',
  302: 'Found',
  303: 'SeeOther',
  304: 'NotModified',
  307: 'TemporaryRedirect',
  308: 'PermanentRedirect',
  400: 'BadRequest',
  401: 'Unauthorized',
  402: 'PaymentRequired',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  408: 'RequestTimeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'ContentTooLarge',
  415: 'UnsupportedMediaType',
  422: 'UnprocessableContent',
  423: 'Locked',
  424: 'FailedDependency',
  425: 'TooEarly',
  428: 'PreconditionRequired',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** Returns the part of a body's type name for a status: `404` -> `NotFound`, `5XX` -> `Status5xx`, `default` -> `Default`. */
export function statusName(status: ResponseModel['status']): string {
  if (status === 'default') return 'Default';
  if (typeof status === 'string') return `Status${status.toLowerCase()}`;
  return NAMES[status] ?? `Status${status}`;
}

/** Reads a key of `responses`. Undefined if the key is not a status. */
export function parseStatus(key: string): ResponseModel['status'] | undefined {
  if (key.toLowerCase() === 'default') return 'default';
  if (/^[1-5]\d\d$/.test(key)) return Number(key);
  const range = /^([1-5])xx$/i.exec(key)?.[1];
  return range === undefined ? undefined : (`${range}XX` as ResponseModel['status']);
}

/** Returns the hundreds digit of a status. Undefined for `default`. */
export function statusClass(status: ResponseModel['status']): number | undefined {
  return status === 'default' ? undefined : Number(String(status).charAt(0));
}
