import type { JsonSchema } from '../../model/types.js';
import { jsDoc } from '../code/escape.js';
import { literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import type { EmitContext } from '../context.js';
import { operationsOf } from '../names.js';
import { isObject, mapSubschemas, reachable } from '../schemas/schema.js';
import { checkable, REMARKS, rooted } from '../schemas/validator.js';
import { resultSchemas } from './fallback-values.js';

/** Writes `result-schemas.ts`: the schemas of every operation's results, for the check of fallback values in a breaker YAML. */
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
    'Schemas of the results of all operations. `applyBreakers` and `watchBreakers` check fallback values with them. The client does not load this file.',
  ]);
  return sourceText({ header: context.header, imports: [], declarations: [`${doc}${start}${literal(data, start.length)};`] });
}

/** Returns a copy without the keywords that do not constrain the data. */
function slim(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema;
  const copy = mapSubschemas(schema, slim);
  for (const key of Object.keys(copy)) if (REMARKS.has(key) || key.startsWith('x-')) delete copy[key];
  return copy;
}

/** Returns an object with sorted names. No prototype, because a name may be `__proto__`. */
function byName(entries: readonly (readonly [string, unknown])[]): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) result[name] = value;
  return result;
}
