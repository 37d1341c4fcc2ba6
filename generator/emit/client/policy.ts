import { IDEMPOTENT_METHODS } from '../../../runtime/config/defaults.js';
import { resolvePolicy } from '../../../runtime/config/layers.js';
import type { PolicyValues, ServicePolicies } from '../../../runtime/config/types.js';
import type { OperationModel, ServiceModel } from '../../model/types.js';
import { namespaceOf } from '../names.js';

/** Returns the settings of an operation in the YAML. Without `environment`, ignores every `environments` block. */
export function effectivePolicy(policies: ServicePolicies, service: string, operation: OperationModel, environment?: string): PolicyValues {
  return resolvePolicy(policies, { service, namespace: namespaceOf(operation), id: operation.id, environment });
}

/** Returns true if a request may be sent again although it may have reached the server. */
function isRetried(values: PolicyValues, operation: OperationModel): boolean {
  if (!values.retryEnabled || values.maxAttempts < 2) return false;
  return values.idempotent ?? (IDEMPOTENT_METHODS.has(operation.method) || operation.idempotencyHeader !== undefined);
}

/** Describes the settings of an operation in the few words of a JSDoc line. */
export function policyHints(model: ServiceModel, policies: ServicePolicies, operation: OperationModel): string[] {
  const values = effectivePolicy(policies, model.name, operation);
  const hints = [
    values.timeoutMs === null ? 'no timeout' : `timeout ${duration(values.timeoutMs)}`,
    isRetried(values, operation) ? 'retried' : 'not retried',
  ];
  if (!values.enabled) hints.push('circuit breaker off');
  const steps = values.fallback.map((step) =>
    step.kind === 'value'
      ? 'a fixed value'
      : `the last good response${step.maxAgeMs === null ? '' : ` (at most ${duration(step.maxAgeMs)} old)`}`,
  );
  if (steps.length > 0) hints.push(`falls back to ${steps.join(', then ')}`);
  return hints;
}

/** Returns a duration as text: `30 s`, `1.5 s`, `250 ms`, `5 min`, `24 h`. */
export function duration(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}
