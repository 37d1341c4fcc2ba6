import type { JsonSchema } from '../../model/types.js';
import { jsDoc } from '../code/escape.js';
import { literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import type { EmitContext } from '../context.js';
import { operationsOf } from '../names.js';
import { isObject, mapSubschemas, reachable } from '../schemas/schema.js';
import { checkable, REMARKS, rooted } from '../schemas/validator.js';
import { resultSchemas } from './fallback-values.js';

/** `result-schemas.ts`: what each operation can give, for the check of fallback values in a breaker YAML. No client imports it. */
export function emitResultSchemas(context: EmitContext): string {
  const { model } = context;
  const operations = operationsOf(model).flatMap((operation) => {
    const schemas = resultSchemas(operation);
    return schemas === undefined ? [] : [[operation.id, schemas] as const];
  });
  const names = reachable(
    operations.flatMap(([, schemas]) => schemas),
    model.schemas,
  );
  const data = {
    service: model.name,
    components: byName([...names].map((name) => [name, slim(checkable(model.schemas[name] ?? true))] as const)),
    operations: byName(operations.map(([id, schemas]) => [id, schemas.map((schema) => slim(rooted(checkable(schema))))] as const)),
  };
  const start = 'export const resultSchemas: object = ';
  const doc = jsDoc([
    'Schemas of all results. `applyBreakers` and `watchBreakers` check fallback values against them; no client loads this file.',
  ]);
  return sourceText({ header: context.header, imports: [], declarations: [`${doc}${start}${literal(data, start.length)};`] });
}

/** Leaves out what says nothing of the data. */
function slim(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema;
  const copy = mapSubschemas(schema, slim);
  for (const key of Object.keys(copy)) if (REMARKS.has(key) || key.startsWith('x-')) delete copy[key];
  return copy;
}

/** Sorted, and without a prototype: a name may be `__proto__`. */
function byName(entries: readonly (readonly [string, unknown])[]): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) result[name] = value;
  return result;
}
