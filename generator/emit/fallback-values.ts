import { misfitFallbacks, resultErrors } from '../../runtime/config/check-fallbacks.js';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { diagnostic } from '../../runtime/config/source.js';
import type { PolicyLayer } from '../../runtime/config/types.js';
import type { JsonSchema, OperationModel } from '../model/types.js';
import type { EmitContext } from './context.js';
import { operationsOf } from './names.js';
import type { SchemaValidator } from './schema-validator.js';

/** Where a step of a layer's fallback stands in the YAML. */
export type LocateFallback = (layer: PolicyLayer, step: number) => Partial<Diagnostic> | undefined;

/** Errors for every fallback value of the YAML that is no answer its operation could have given. */
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

/** Returns the schemas of an operation's results, none if it has no result; undefined if the document does not say what it gives. */
export function resultSchemas({ responses }: OperationModel): readonly JsonSchema[] | undefined {
  const successes = responses.filter(({ success }) => success);
  if (successes.some(({ schema, kind }) => schema === undefined && kind !== 'none')) return undefined;
  return successes.flatMap(({ schema }): JsonSchema[] => (schema === undefined ? [] : [schema]));
}
