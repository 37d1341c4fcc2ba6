import type { SecurityDescriptor } from '../../../runtime/call/client/descriptor.js';
import { Cursor } from '../../read/cursor.js';
import { own, text } from '../../read/json.js';
import { UNKNOWN } from '../kinds.js';
import type { NameRegistry } from '../names/name-registry.js';
import type { SchemaConverter } from '../schema/convert-schema.js';
import type { OperationModel } from '../types.js';
import type { OperationName } from './assign-names.js';
import { readBody, readResponses } from './bodies.js';
import { OperationTypes, type OwnSchema } from './operation-types.js';
import { sortParams } from './param-keys.js';
import { readParameters } from './parameters.js';
import type { RawOperation } from './raw-operation.js';
import { readServers } from './servers.js';

export interface BuildOperationInput {
  readonly raw: RawOperation;
  readonly name: OperationName;
  readonly typeName: string;
  readonly converter: SchemaConverter;
  readonly names: NameRegistry;
  readonly baseUrl: string | undefined;
  readonly security: readonly SecurityDescriptor[] | undefined;
}

export interface BuiltOperation {
  readonly ownSchemas: readonly OwnSchema[];
  /** Returns the model. Call it after all schemas have their final names. */
  finish(): OperationModel;
}

/** Reads all parts of one operation. */
export function buildOperation({ raw, name, typeName, converter, names, baseUrl, security }: BuildOperationInput): BuiltOperation {
  const reporter = converter.refs.documents.reporter;
  const { params, constantHeaders, idempotencyHeader } = sortParams(readParameters(raw, converter), reporter);
  const body = readBody(raw, converter);
  const responses = readResponses(raw, converter);
  const types = new OperationTypes(typeName, converter.bundle, names);
  const bodyType = body && types.body(body);
  types.params(params, body, bodyType?.schema);
  const { types: responseTypes, result } = types.responses(responses);
  const server = operationServer(raw, converter, baseUrl);
  return {
    ownSchemas: types.own,
    finish: () => ({
      id: `${name.namespace}.${name.name}`,
      name: name.name,
      typeName,
      operationId: raw.operationId,
      method: raw.method,
      path: raw.path,
      server,
      summary: text(own(raw.at.value, 'summary')) ?? text(own(raw.item.value, 'summary')),
      description: text(own(raw.at.value, 'description')) ?? text(own(raw.item.value, 'description')),
      deprecated: own(raw.at.value, 'deprecated') === true,
      params,
      constantHeaders,
      idempotencyHeader,
      body: bodyType && { ...bodyType.model, type: bodyType.type() },
      responses: responses.map((response, index) => ({
        ...response,
        type: responseTypes[index]?.() ?? UNKNOWN,
      })),
      security,
      resultType: result(),
      location: locate(raw),
    }),
  };
}

/** Returns the server of the operation, its path or its document. Undefined if it is the service's server. */
function operationServer(raw: RawOperation, converter: SchemaConverter, baseUrl: string | undefined): string | undefined {
  for (const holder of [raw.at, raw.item, Cursor.root(raw.document)]) {
    const first = readServers(holder.child('servers'), converter.refs.documents.reporter)[0];
    if (first !== undefined) return first.url === baseUrl ? undefined : first.url;
  }
  return undefined;
}

function locate(raw: RawOperation): OperationModel['location'] {
  const { line, column } = raw.at.document.position(raw.at.path, 'key');
  return { file: raw.at.document.file, line, column };
}
