import { FuselineError } from '../../errors/base.js';
import { flag } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenMethods } from '../../errors/given.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import type { CallInfo, CallTrace, Instrumentation } from '../../observe/instrumentation.js';
import { mayNameSender } from '../../observe/sender-headers.js';
import { CURRENT, type UserObject, userObject } from '../../user-code.js';
import { loadApi, type OtelApi, type OtelSpan, type OtelTracerProvider } from './api.js';
import { endAttributes, errorType, eventAttributes, startAttributes } from './attributes.js';

export interface OtelOptions {
  /** The receiver of spans. Default: the globally registered provider, even if it is registered later. */
  readonly tracerProvider?: OtelTracerProvider | undefined;
  /**
   * Whether the trace context is added to requests. Set it to false if something else adds it, such as an instrumentation of undici. Default true.
   */
  readonly propagate?: boolean | undefined;
  /** The module `@opentelemetry/api`, if it cannot be found by name, as in a bundle. */
  readonly api?: OtelApi | undefined;
}

const OPTIONS: OptionTable<OtelOptions> = {
  tracerProvider: givenMethods('a TracerProvider', 'getTracer'),
  propagate: flag,
  api: checkedLater,
};

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of the API. Their numbers are part of its contract. */
const KIND_CLIENT = 2;
const STATUS_ERROR = 2;

/**
 * Makes a span per call, for the `instrumentation` of clients. The parent is the active span of the caller. The global propagator adds the trace context
 * to the request of each attempt. No attribute holds the value of a parameter, a header or a body. A tracer that throws changes no call.
 *
 * @throws {ConfigurationError} if `@opentelemetry/api` is not installed, or an option cannot work.
 * @example
 * const ghl = new GhlClient({ token, instrumentation: otel() });
 */
export function otel(options: OtelOptions = {}): Instrumentation {
  const { tracerProvider, propagate = true, api = loadApi() } = givenOptions('otel', options, OPTIONS);
  if (typeof api?.trace?.getTracerProvider !== 'function') throw new ConfigurationError('api', api, 'the module @opentelemetry/api');
  const [tracing, contexts, propagation] = [userObject(api.trace), userObject(api.context), userObject(api.propagation)];
  const provider = userObject(tracerProvider ?? CURRENT.invoke(tracing, 'getTracerProvider'));
  const tracer = userObject(CURRENT.invoke(provider, 'getTracer', 'fuseline'));
  return {
    get signsRequests() {
      return propagate && CURRENT.invoke(propagation, 'fields').some((name) => mayNameSender(name.toLowerCase()));
    },
    callStarted(info) {
      const parent = CURRENT.invoke(contexts, 'active') as never;
      const name = `${info.method} ${info.pathTemplate}`;
      const started = CURRENT.invoke(tracer, 'startSpan', name, { kind: KIND_CLIENT, attributes: startAttributes(info) }, parent);
      const span = userObject(started);
      const carries = propagate && CURRENT.invoke(propagation, 'fields').length > 0;
      // The span is neither recorded nor propagated, so the call is not followed.
      if (!CURRENT.invoke(span, 'isRecording') && !carries) {
        CURRENT.invoke(span, 'end');
        return undefined;
      }
      const inject = (): Readonly<Record<string, string>> | undefined => {
        if (!carries) return undefined;
        const carrier: Record<string, string> = {};
        CURRENT.invoke(propagation, 'inject', CURRENT.invoke(tracing, 'setSpan', parent, started as never) as never, carrier);
        return carrier;
      };
      return new SpanTrace(span, info, inject);
    },
  };
}

/** The span of one call. */
class SpanTrace implements CallTrace {
  readonly #span: UserObject<OtelSpan>;
  readonly #circuit: string;
  readonly #inject: () => Readonly<Record<string, string>> | undefined;

  constructor(span: UserObject<OtelSpan>, { circuit }: CallInfo, inject: () => Readonly<Record<string, string>> | undefined) {
    this.#span = span;
    this.#circuit = circuit;
    this.#inject = inject;
  }

  attemptStarted(attempt: number): Readonly<Record<string, string>> | undefined {
    CURRENT.invoke(this.#span, 'addEvent', 'fuseline.attempt.started', { 'fuseline.attempt': attempt });
    return this.#inject();
  }

  attemptEnded(attempt: number, status: number | undefined, error: FuselineError | undefined): void {
    CURRENT.invoke(this.#span, 'addEvent', 'fuseline.attempt.ended', {
      'fuseline.attempt': attempt,
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
      ...(error === undefined ? {} : { 'error.type': errorType(error) }),
      ...(status === undefined && error === undefined ? { 'fuseline.cancelled': true } : {}),
    });
  }

  event(event: Parameters<CallTrace['event']>[0]): void {
    const attributes = eventAttributes(event);
    if (event.circuit !== this.#circuit) attributes['fuseline.circuit'] = event.circuit;
    CURRENT.invoke(this.#span, 'addEvent', `fuseline.${event.type}`, attributes);
  }

  ended(end: Parameters<CallTrace['ended']>[0]): void {
    CURRENT.invoke(this.#span, 'setAttributes', endAttributes(end));
    if (end.error !== undefined && !end.cancelled) {
      // Messages of fuseline hold no secret. Messages of other errors can.
      const message = end.error instanceof FuselineError ? end.error.message : undefined;
      CURRENT.invoke(this.#span, 'setStatus', { code: STATUS_ERROR, ...(message === undefined ? {} : { message }) });
    }
    CURRENT.invoke(this.#span, 'end');
  }
}
