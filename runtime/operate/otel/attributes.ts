import { FuselineError } from '../../errors/base.js';
import { causeOfAny } from '../../errors/cause.js';
import type { FuselineEvent } from '../../observe/events.js';
import type { CallEnd, CallInfo } from '../../observe/instrumentation.js';
import type { Attributes } from './api.js';

const PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

/**
 * Returns the attributes at the start of a call, by the conventions for HTTP client spans. Their `url.full` is left out, because it holds the values
 * of parameters.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function startAttributes({ service, operation, circuit, method, pathTemplate, origin }: CallInfo): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  return {
    'http.request.method': method,
    'url.template': pathTemplate,
    'url.scheme': protocol.slice(0, -1),
    'server.address': hostname.replace(/^\[|\]$/g, ''),
    'server.port': port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    'fuseline.service': service,
    'fuseline.operation': operation,
    'fuseline.circuit': circuit,
  };
}

/** Returns the attributes at the end of a call. */
export function endAttributes({ source, status, attempts, error, cancelled }: CallEnd): Attributes {
  const failed = error !== undefined && !cancelled;
  return {
    'fuseline.attempts': attempts,
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...(attempts > 1 ? { 'http.request.resend_count': attempts - 1 } : {}),
    ...(cancelled ? { 'fuseline.cancelled': true } : {}),
    ...(failed ? { 'error.type': errorType(error) } : {}),
    ...(failed || cancelled ? {} : { 'fuseline.source': source }),
  };
}

/**
 * Returns the status of an error answer (`503`), else the cause (`refused`, `timeout`, `circuit_open`). If all retries failed, it is that of the last
 * attempt. For an error that is not ours it is `_OTHER`, by the conventions.
 */
export function errorType(error: unknown): string {
  if (!(error instanceof FuselineError)) return '_OTHER';
  const told = error.kind === 'retry_exhausted' ? (error as FuselineError & { readonly lastError: FuselineError }).lastError : error;
  return told.kind === 'http' ? String((told as FuselineError & { readonly status: number }).status) : causeOfAny(told);
}

/** Fields that the span already has. */
const ON_SPAN: readonly string[] = ['type', 'at', 'service', 'operation', 'circuit'];

/** Returns the fields of an event: `failureCount` becomes `fuseline.failure_count`. Objects and numbers that are not finite are left out. */
export function eventAttributes(event: FuselineEvent): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(event)) {
    if (ON_SPAN.includes(key)) continue;
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value))
      attributes[`fuseline.${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`] = value as string | number | boolean;
  }
  return attributes;
}
