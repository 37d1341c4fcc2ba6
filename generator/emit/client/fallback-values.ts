import { misfitFallbacks, resultErrors } from '../../../runtime/config/check-fallbacks.js';
import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import { diagnostic } from '../../../runtime/config/source.js';
import type { PolicyLayer } from '../../../runtime/config/types.js';
import { RESPONSE_KINDS } from '../../model/kinds.js';
import type { JsonSchema, OperationModel } from '../../model/types.js';
import type { EmitContext } from '../context.js';
import { operationsOf } from '../names.js';
import type { SchemaValidator } from '../schemas/validator.js';

/** Returns the place of one step of a layer's fallback in the YAML. */
export type LocateFallback = (layer: PolicyLayer, step: number) => Partial<Diagnostic> | undefined;

/** Returns an error for every fallback value of the YAML that is not a possible result of its operation. */
export function checkFallbackValues(context: EmitContext, validator: SchemaValidator, locate: LocateFallback | undefined): Diagnostic[] {
  const operations = operationsOf(context.model).map((operation) => {
    const { id, operationId } = operation;
    const schemas = resultSchemas(operation);
    const errors = (value: unknown): readonly string[] =>
      schemas === undefined ? [] : resultErrors(schemas, value, (schema, data) => validator.errors(schema, data));
    return { id, operationId, errors };
  });
  return misfitFallbacks(context.policies, context.model.name, operations).map(({ layer, step, finding }) => ({
    ...diagnostic('breakers.yaml', finding),
    ...locate?.(layer, step),
  }));
}

/** Returns the schemas of an operation's results. Empty if it has no result, undefined if the document does not describe the result. */
export function resultSchemas({ responses }: OperationModel): readonly JsonSchema[] | undefined {
  const successes = responses.filter(({ success }) => success);
  if (successes.some(({ schema, kind }) => schema === undefined && RESPONSE_KINDS[kind].hasBody)) return undefined;
  return successes.flatMap(({ schema }): JsonSchema[] => (schema === undefined ? [] : [schema]));
}
