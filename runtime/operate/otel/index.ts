/** OpenTelemetry spans of calls. Needs the package `@opentelemetry/api`. */
export type { OtelApi, OtelTracerProvider } from './api.js';
export { type OtelOptions, otel } from './otel.js';
