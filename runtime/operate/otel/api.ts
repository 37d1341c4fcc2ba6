import { createRequire } from 'node:module';
import { ConfigurationError } from '../../errors/configuration-error.js';

/** The attributes of a span or an event. */
export type Attributes = Record<string, string | number | boolean>;

/** The used part of a span. */
export interface OtelSpan {
  isRecording(): boolean;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes?: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** The used part of a tracer provider. */
export interface OtelTracerProvider {
  getTracer(name: string): OtelTracer;
}

export interface OtelTracer {
  startSpan(name: string, options: { kind: number; attributes: Attributes }, context: never): OtelSpan;
}

/**
 * The used part of `@opentelemetry/api`. Its own types are not imported, so that a project without the package compiles. Contexts are passed on
 * unread.
 */
export interface OtelApi {
  readonly trace: {
    getTracerProvider(): OtelTracerProvider;
    setSpan(context: never, span: never): unknown;
  };
  readonly context: { active(): unknown };
  readonly propagation: { inject(context: never, carrier: Record<string, string>): void; fields(): readonly string[] };
}

const PACKAGE = '@opentelemetry/api';

/**
 * Loads the package on demand, because it is optional. All its copies in a process share one state, so any copy works.
 *
 * @throws {ConfigurationError} if the package is not installed.
 */
export function loadApi(require: (name: string) => unknown = createRequire(import.meta.url)): OtelApi {
  try {
    return require(PACKAGE) as OtelApi;
  } catch {
    const hint = `Install it (npm install ${PACKAGE}), or give it as \`api\` if a bundler hides it.`;
    throw new ConfigurationError(`the package ${PACKAGE}`, 'not to be found', 'version 1.9 or newer', hint);
  }
}
