import { type Answer, badGateway, hang, json, reset, stallBody, text } from '../../test/support/loopback.js';

/** One thing that goes wrong, and how the call is made that meets it. */
export interface Fault {
  readonly name: string;
  readonly answer: Answer;
  /** Default `read`. */
  readonly method?: 'read' | 'create';
  /** Given to whoever has such an option, so that nobody waits for defaults of up to a minute. */
  readonly timeoutMs?: number;
  /** When the caller aborts, in milliseconds after the start. */
  readonly abortAfterMs?: number;
}

export const SHORT_TIMEOUT_MS = 1_000;
export const ABORT_AFTER_MS = 200;

export const FAULTS: readonly Fault[] = [
  { name: 'GET: good answer', answer: json({ id: 'c1' }) },
  { name: 'GET: 500', answer: json({ message: 'down' }, 500) },
  { name: 'POST: 500', answer: json({ message: 'down' }, 500), method: 'create' },
  { name: 'GET: no answer', answer: hang, timeoutMs: SHORT_TIMEOUT_MS },
  { name: 'GET: connection reset', answer: reset },
  { name: 'GET: body stalls', answer: stallBody, timeoutMs: SHORT_TIMEOUT_MS },
  { name: 'GET: 429, Retry-After: 3600', answer: json({}, 429, { 'retry-after': '3600' }) },
  { name: 'GET: the same, caller aborts', answer: json({}, 429, { 'retry-after': '3600' }), abortAfterMs: ABORT_AFTER_MS },
  { name: 'GET: no answer, caller aborts', answer: hang, abortAfterMs: ABORT_AFTER_MS },
  { name: 'GET: 200, HTML', answer: text('<html>maintenance</html>', 'text/html') },
  { name: 'GET: 200, JSON cut off', answer: text('{"contact": {"id": "c1', 'application/json') },
  { name: 'GET: 502, HTML', answer: badGateway },
];
