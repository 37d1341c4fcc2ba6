import type { BreakersConfig } from './breakers-config.js';
import { layersOf } from './layers.js';
import type { YamlPath } from './pointer.js';
import type { Finding } from './source.js';
import type { AppliedPolicies, FallbackStep, PolicyLayer } from './types.js';

/** An operation whose fallback values are checked. */
export interface CheckedOperation {
  /** `namespace.name`. */
  readonly id: string;
  /** The `operationId` of the document, for messages. */
  readonly operationId?: string | undefined;
  /** Returns the faults of a value as a result of the operation. An empty list means that the value is a possible result. */
  readonly errors: (value: unknown) => readonly string[];
}

/** A fallback value that does not match the response schema of its operation. */
export interface MisfitFallback {
  /** The layer that sets the fallback, as written in its file. */
  readonly layer: PolicyLayer;
  /** The index of the value among the layer's fallback steps. */
  readonly step: number;
  readonly finding: Finding;
}

/**
 * Returns the fallback values that do not match the response schema of their operations. A value that many operations inherit is reported once, for
 * the first operation by name.
 */
export function misfitFallbacks(
  policies: AppliedPolicies,
  service: string,
  operations: readonly CheckedOperation[],
): readonly MisfitFallback[] {
  const found: MisfitFallback[] = [];
  const seen = new Set<FallbackStep>();
  const { generated } = policies;
  const environments = new Set([undefined, ...[generated, policies].flatMap((file) => Object.keys(file?.environments ?? {}))]);
  for (const operation of [...operations].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { id } = operation;
    for (const environment of environments) {
      const query = { service, namespace: id.split('.')[0] ?? '', id, environment };
      const decides = layersOf(policies, query).findLast(({ values }) => values.fallback !== undefined);
      decides?.values.fallback?.forEach((step, at) => {
        if (step.kind !== 'value' || seen.has(step)) return;
        const errors = operation.errors(step.value);
        if (errors.length === 0) return;
        seen.add(step);
        found.push({ layer: decides.written ?? decides.values, step: at, finding: misfit(operation, errors) });
      });
    }
  }
  return found;
}

/** Returns the path of the value of a fallback step. Undefined if it is not from this file. A fallback is one step or a list of steps. */
export function pathOfStep(config: BreakersConfig, layer: PolicyLayer, step: number): YamlPath | undefined {
  const path = config.placesOf(layer)?.fallback;
  if (path === undefined) return undefined;
  return (
    [
      [...path, step, 'value'],
      [...path, 'value'],
    ].find((candidate) => config.source.locate(candidate) !== undefined) ?? path
  );
}

/**
 * Returns the faults of a value as the result of an operation. `schemas` are those of its success responses. Without schemas, the operation has no
 * result.
 */
export function resultErrors<S>(
  schemas: readonly S[],
  value: unknown,
  errorsOf: (schema: S, value: unknown) => readonly string[],
): readonly string[] {
  if (schemas.length === 0) return value === null ? [] : ['the operation has no result: write `value: null`'];
  const all = schemas.map((schema) => errorsOf(schema, value));
  return all.some((errors) => errors.length === 0) ? [] : (all[0] ?? []);
}

function misfit({ id, operationId }: CheckedOperation, errors: readonly string[]): Finding {
  const shown = errors.slice(0, 3).join('; ');
  return {
    code: 'fallback-type',
    message: `The fallback value of \`${id}\` is not a possible result of the operation: ${shown}${errors.length > 3 ? ` and ${errors.length - 3} more` : ''}`,
    hint: `Write a value of the operation's success response${operationId === undefined ? '' : ` (\`${operationId}\` in the document)`}.`,
  };
}
