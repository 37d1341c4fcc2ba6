import type { OperationModel, ServiceModel, TypeRef } from '../model/types.js';
import { identifier, isIdentifier } from './code/escape.js';

/** The names of one service's generated declarations. */
export interface ServiceNames {
  /** `ghl`: the start of constants and functions. */
  readonly prefix: string;
  /** The variable of a client in examples: the prefix, or `defaultClient` if the prefix is a word such as `default`. */
  readonly variable: string;
  /** `Ghl`: the start of types. */
  readonly typePrefix: string;
  readonly client: string;
  /** `ghlService`. */
  readonly service: string;
  /** `ghlPolicies`. */
  readonly policies: string;
}

export function serviceNames(model: ServiceModel): ServiceNames {
  const words = model.name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const prefix = words.map((word, index) => (index === 0 ? lowerFirst(word) : upperFirst(word))).join('');
  const client = identifier(model.clientName);
  const typePrefix = client.endsWith('Client') && client !== 'Client' ? client.slice(0, -'Client'.length) : client;
  return {
    prefix,
    variable: isIdentifier(prefix) ? prefix : `${prefix}Client`,
    typePrefix,
    client,
    service: `${prefix}Service`,
    policies: `${prefix}Policies`,
  };
}

/** Returns `contacts` for `contacts.get`. */
export function namespaceOf(operation: OperationModel): string {
  return operation.id.slice(0, operation.id.length - operation.name.length - 1);
}

/** Returns the name of the descriptor's constant: `contactsGet`. */
export function constantName(operation: OperationModel): string {
  return identifier(lowerFirst(operation.typeName));
}

/** Returns `ContactsGetError`. */
export function errorName(operation: OperationModel): string {
  return identifier(`${operation.typeName}Error`);
}

export function hasParams(operation: OperationModel): boolean {
  return operation.params.length > 0 || operation.body !== undefined;
}

/** Returns true if a caller must give at least one parameter or the body. */
export function needsParams(operation: OperationModel): boolean {
  return operation.params.some(({ required }) => required) || operation.body?.required === true;
}

/** Returns `ContactsGetParams`, or `undefined` if the operation takes no params. */
export function paramsType(operation: OperationModel): string {
  return hasParams(operation) ? identifier(`${operation.typeName}Params`) : 'undefined';
}

/** Returns a type as signatures write it. Calls `use` with each name that types.ts exports. */
export function typeText(type: TypeRef, use: (name: string) => void): string {
  if (type.kind === 'builtin') return type.text;
  if (type.kind === 'union') return [...new Set(type.members.map((member) => typeText(member, use)))].join(' | ');
  use(type.name);
  return identifier(type.name);
}

/** Returns the names that the service's own modules export. An import with one of these names needs an alias. */
export function declaredNames(model: ServiceModel): ReadonlySet<string> {
  const names = new Set(Object.keys(model.schemas));
  for (const namespace of model.namespaces) {
    names.add(namespace.className);
    for (const operation of namespace.operations) names.add(constantName(operation)).add(errorName(operation));
  }
  const { typePrefix, client, service, policies } = serviceNames(model);
  for (const name of [client, service, policies, `${client}Options`, `${typePrefix}Fallbacks`, `${typePrefix}OperationId`]) names.add(name);
  return names;
}

export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

export function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns every operation, in the order of its namespace. */
export function operationsOf(model: ServiceModel): readonly OperationModel[] {
  return model.namespaces.flatMap(({ operations }) => operations);
}
