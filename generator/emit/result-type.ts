import type { OperationModel, ServiceModel } from '../model/types.js';
import { identifier } from './code/escape.js';
import type { Imports } from './code/imports.js';
import { namespaceOf, typeText } from './names.js';

/**
 * Returns the alias that the namespace's module declares for a result of several types. Undefined if the result is a single type, or if
 * a schema of the document has the alias's name.
 */
export function resultAlias(model: ServiceModel, operation: OperationModel): string | undefined {
  const name = `${operation.typeName}Result`;
  return operation.resultType.kind === 'union' && !Object.hasOwn(model.schemas, name) ? identifier(name) : undefined;
}

/** Returns an operation's result type as the files in the service's folder write it, and imports the names in it. */
export function importedResult(model: ServiceModel, operation: OperationModel, imports: Imports): string {
  const alias = resultAlias(model, operation);
  if (alias === undefined) return typeText(operation.resultType, (name) => imports.own('./types.js', name));
  return imports.own(`./namespaces/${namespaceOf(operation)}.js`, alias);
}
