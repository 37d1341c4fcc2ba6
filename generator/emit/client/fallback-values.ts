import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import { layersOf } from '../../../runtime/config/layers.js';
import type { FallbackStep, PolicyLayer } from '../../../runtime/config/types.js';
import { RESPONSE_KINDS } from '../../model/kinds.js';
import type { JsonSchema, OperationModel } from '../../model/types.js';
import type { EmitContext } from '../context.js';
import { namespaceOf, operationsOf } from '../names.js';
import type { SchemaValidator } from '../schemas/validator.js';

/** Returns the place of one step of a layer's fallback in the YAML. */
export type LocateFallback = (layer: PolicyLayer, step: number) => Partial<Diagnostic> | undefined;

/** Returns an error for every fallback value of the YAML that is not a possible result of its operation. */
export function checkFallbackValues(context: EmitContext, validator: SchemaValidator, locate: LocateFallback | undefined): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Set<FallbackStep>();
  const environments = [undefined, ...Object.keys(context.policies.environments ?? {})];
  for (const operation of operationsOf(context.model)) {
    for (const environment of environments) {
      const query = { service: context.model.name, namespace: namespaceOf(operation), id: operation.id, environment };
      const layer = layersOf(context.policies, query).findLast(({ values }) => values.fallback !== undefined)?.values;
      layer?.fallback?.forEach((step, at) => {
        if (step.kind !== 'value' || seen.has(step)) return;
        const errors = valueErrors(operation, step.value, validator);
        if (errors.length === 0) return;
        seen.add(step);
        found.push(diagnostic(operation, errors, locate?.(layer, at)));
      });
    }
  }
  return found;
}

function valueErrors(operation: OperationModel, value: unknown, validator: SchemaValidator): string[] {
  const successes = operation.responses.filter(({ success }) => success);
  const schemas = successes.flatMap(({ schema }): JsonSchema[] => (schema === undefined ? [] : [schema]));
  if (successes.some(({ schema, kind }) => schema === undefined && RESPONSE_KINDS[kind].hasBody)) return [];
  if (schemas.length === 0) return value === null ? [] : ['the operation has no result: write `value: null`'];
  const all = schemas.map((schema) => validator.errors(schema, value));
  return all.some((errors) => errors.length === 0) ? [] : (all[0] ?? []);
}

function diagnostic(operation: OperationModel, errors: readonly string[], place: Partial<Diagnostic> | undefined): Diagnostic {
  const shown = errors.slice(0, 3).join('; ');
  return {
    severity: 'error',
    code: 'fallback-type',
    message: `The fallback value of \`${operation.id}\` is not a possible result of the operation: ${shown}${errors.length > 3 ? ` and ${errors.length - 3} more` : ''}`,
    hint: `Write a value of the operation's success response${operation.operationId === undefined ? '' : ` (\`${operation.operationId}\` in the document)`}.`,
    file: 'breakers.yaml',
    ...place,
  };
}
