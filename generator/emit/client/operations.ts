import type { BodyModel, OperationModel, ParamModel, ResponseModel } from '../../model/types.js';
import type { Imports } from '../code/imports.js';
import { literal } from '../code/literal.js';
import { sourceText } from '../code/source.js';
import { type EmitContext, importsOf } from '../context.js';
import { constantName, errorName, hasParams, namespaceOf, operationsOf, paramsType } from '../names.js';
import { importedResult } from '../result-type.js';
import { requestPath } from './request-path.js';

const WIDTH = 140;

/** Writes `operations.ts`: one descriptor per operation, plain data. */
export function emitOperations(context: EmitContext): string {
  const imports = importsOf(context);
  const declarations = operationsOf(context.model).map((operation) => descriptor(context, operation, imports));
  return sourceText({ header: context.header, imports: imports.structures(), declarations });
}

function descriptor(context: EmitContext, operation: OperationModel, imports: Imports): string {
  const name = constantName(operation);
  const module = `./namespaces/${namespaceOf(operation)}.js`;
  const params = paramsType(operation);
  if (hasParams(operation)) imports.own('./types.js', params);
  const result = importedResult(context.model, operation, imports);
  const error = imports.own(module, errorName(operation));
  const generic = imports.type('fuseline', 'Operation');
  const flat = `export const ${name}: ${generic}<${params}, ${result}, ${error}> = {`;
  const type =
    flat.length <= WIDTH ? `${generic}<${params}, ${result}, ${error}>` : `${generic}<\n  ${params},\n  ${result},\n  ${error}\n>`;
  return `export const ${name}: ${type} = ${lines(descriptorData(context, operation))};`;
}

/** Writes one property per line, which keeps descriptors easy to read. */
function lines(data: object): string {
  const properties = Object.entries(data).filter(([, value]) => value !== undefined);
  return `{\n${properties.map(([key, value]) => `  ${key}: ${literal(value, key.length + 4, '  ')},\n`).join('')}}`;
}

function descriptorData(context: EmitContext, operation: OperationModel): object {
  const { constantHeaders, body } = operation;
  return {
    id: operation.id,
    service: context.model.name,
    namespace: namespaceOf(operation),
    name: operation.name,
    method: operation.method,
    path: requestPath(operation.path),
    server: operation.server,
    params: operation.params.length === 0 ? undefined : operation.params.map(paramData),
    headers: Object.keys(constantHeaders).length === 0 ? undefined : constantHeaders,
    body: body === undefined ? undefined : bodyData(body),
    responses: operation.responses.map(responseData),
    security: operation.security,
    idempotencyHeader: operation.idempotencyHeader,
    deprecated: operation.deprecated || undefined,
  };
}

function bodyData(body: BodyModel): object {
  return { kind: body.kind, contentType: body.contentType, required: body.required || undefined, jsonParts: body.jsonParts };
}

function paramData(param: ParamModel): object {
  return {
    key: param.key,
    wire: param.wire === param.key ? undefined : param.wire,
    in: param.in,
    required: param.required || undefined,
    style: param.style,
    explode: param.explode,
    allowReserved: param.allowReserved || undefined,
  };
}

function responseData(response: ResponseModel): object {
  return { status: response.status, kind: response.kind, success: response.success || undefined };
}
