import { createRequire } from 'node:module';
import { ConfigurationError } from '../../errors/configuration-error.js';

/** What a span and an event may be told. */
export type Attributes = Record<string, string | number | boolean>;

/** What is used of a span. */
export interface OtelSpan {
  isRecording(): boolean;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes?: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** What is used of a tracer provider. */
export interface OtelTracerProvider {
  getTracer(name: string): OtelTracer;
}

export interface OtelTracer {
  startSpan(name: string, options: { kind: number; attributes: Attributes }, context: never): OtelSpan;
}

/**
 * What is used of `@opentelemetry/api`. Its own types are not asked for, so that whoever has not installed it can compile. Contexts are
 * handed on and never looked into.
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
 * Loads the package when it is asked for: whoever does not use it need not have it. Every copy of it in a process shares one state, so it does
 * not matter which is found.
 *
 * @throws {ConfigurationError} where it is not installed.
 */
export function loadApi(require: (name: string) => unknown = createRequire(import.meta.url)): OtelApi {
  try {
    return require(PACKAGE) as OtelApi;
  } catch {
    const hint = `Install it (npm install ${PACKAGE}), or give it as \`api\` where a bundler leaves no packages to find.`;
    throw new ConfigurationError(`the package ${PACKAGE}`, 'not to be found', 'version 1.9 or newer', hint);
  }
}
