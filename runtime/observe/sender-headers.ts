/** Headers that do not tell senders apart: they vary by operation, or from call to call. Names in lower case. */
export const SAYS_NOTHING_OF_SENDERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'baggage',
  'b3',
  'content-type',
  'correlation-id',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'request-id',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-amzn-trace-id',
  'x-correlation-id',
  'x-request-id',
]);

/** Headers of tracing tools: they differ from call to call. */
const OF_A_TRACE = /trac(?:e|ing)|span|correlation|request-?id|baggage|sentry|(?:^|-)b3(?:-|$)|datadog|newrelic|sampl/;

/** Whether a header may tell senders apart. `name` is in lower case. */
export function mayNameSender(name: string): boolean {
  return !SAYS_NOTHING_OF_SENDERS.has(name) && !OF_A_TRACE.test(name);
}
