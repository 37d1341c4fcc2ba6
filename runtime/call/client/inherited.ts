import { isPolluted, type Names, namesOf, refuseInherited } from '../../errors/known-options.js';
import type { BodyDescriptor, Operation, ParamDescriptor, ResponseDescriptor } from './descriptor.js';
import { checkInherited } from './given-options.js';

const OPERATION = namesOf<Omit<Operation, 'types'>>({
  id: 1,
  service: 1,
  namespace: 1,
  name: 1,
  method: 1,
  path: 1,
  server: 1,
  params: 1,
  headers: 1,
  body: 1,
  responses: 1,
  security: 1,
  idempotencyHeader: 1,
  deprecated: 1,
});
const PARAM = namesOf<ParamDescriptor>({ key: 1, wire: 1, in: 1, required: 1, style: 1, explode: 1, allowReserved: 1 });
const BODY = namesOf<BodyDescriptor>({ kind: 1, contentType: 1, required: 1, jsonParts: 1 });
const RESPONSE = namesOf<ResponseDescriptor>({ status: 1, kind: 1, success: 1 });

const NO_PARAMS = {};

/**
 * Checks that nothing that a call reads comes only from `Object.prototype`: the options of its client, its parameters, and the descriptor of its
 * operation. A `server` there would get the token of every client, and a parameter would be sent in every request. Runs at every call, and does nothing
 * while `Object.prototype` has nothing to list.
 *
 * @throws {ConfigurationError} that never shows the value.
 */
export function checkInheritedOfCall(options: object, operation: Operation, params: unknown): void {
  if (!isPolluted()) return;
  checkInherited(options);
  checkInheritedOfOperation(operation);
  const known = new Set(['body', ...(operation.params ?? []).map(({ key }) => key)]);
  refuse('a parameter', operation, params ?? NO_PARAMS, known);
}

/** The part of the check that does not depend on the call. */
export function checkInheritedOfOperation(operation: Operation): void {
  if (!isPolluted()) return;
  refuse('a field', operation, operation, OPERATION);
  for (const param of operation.params ?? []) refuse('a field', operation, param, PARAM);
  for (const response of operation.responses) refuse('a field', operation, response, RESPONSE);
  refuse('a field', operation, operation.body, BODY);
}

function refuse(kind: string, operation: Operation, value: unknown, known: Names): void {
  if (typeof value === 'object' && value !== null) refuseInherited(operation.id, value, known, '', kind);
}
