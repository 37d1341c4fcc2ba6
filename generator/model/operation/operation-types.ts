import { own } from '../../read/json.js';
import { BODY_KINDS, RESPONSE_KINDS, UNKNOWN } from '../kinds.js';
import type { NameRegistry } from '../names/name-registry.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { structure } from '../schema/structure.js';
import { statusName } from '../status-names.js';
import type { BodyModel, JsonSchema, ParamModel, TypeRef } from '../types.js';
import type { WireBody, WireResponse } from './bodies.js';

/** A schema that exists for one operation only. */
export interface OwnSchema {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** Returns a type after all schemas have their final names. */
export type LateType = () => TypeRef;

/** Names the types that one operation needs in addition to those of the documents: params, inline bodies, results and errors. */
export class OperationTypes {
  readonly own: OwnSchema[] = [];

  constructor(
    readonly typeName: string,
    readonly bundle: SchemaBundle,
    readonly names: NameRegistry,
  ) {}

  /** Adds the type of the params object: parameters, and the body under `body`. */
  params(params: readonly ParamModel[], body: WireBody | undefined, bodySchema: JsonSchema | undefined): void {
    if (params.length === 0 && body === undefined) return;
    const properties: [string, JsonSchema][] = params.map((param) => [
      param.key,
      this.bundle.described(param.schema, param.description, param.deprecated),
    ]);
    const required = params.filter((param) => param.required).map((param) => param.key);
    if (body !== undefined && bodySchema !== undefined) {
      properties.push(['body', this.bundle.described(bodySchema, body.description, false)]);
      if (body.required) required.push('body');
    }
    this.own.push({
      name: `${this.typeName}Params`,
      schema: { type: 'object', properties: Object.fromEntries(properties), ...(required.length === 0 ? {} : { required }) },
    });
  }

  /** Returns the body's type, and the schema through which `params.body` refers to it. */
  body(body: WireBody): { type: LateType; schema: JsonSchema; model: Omit<BodyModel, 'type'> } {
    const { type } = BODY_KINDS[body.kind];
    if (type !== undefined) return { type: () => type, schema: body.schema, model: body };
    const named = this.#named(body.schema, `${this.typeName}Body`);
    return { type: named.type, schema: named.schema, model: body };
  }

  /** Returns the type of each response, and the result type: the distinct types of all successes. */
  responses(responses: readonly WireResponse[]): { types: LateType[]; result: LateType } {
    const inlineSuccesses = responses.filter((response) => response.success && this.#inline(response.schema)).length;
    const seen = new Map<string, LateType>();
    const types = responses.map((response): LateType => {
      const { type: fixed } = RESPONSE_KINDS[response.kind];
      if (fixed !== undefined) return () => fixed;
      if (response.schema === undefined) return () => UNKNOWN;
      if (!this.#inline(response.schema)) return this.#named(response.schema, '').type;
      // Several statuses often repeat one body.
      const { text, references } = structure(response.schema, this.bundle);
      const key = `${response.success} ${text} ${references.map((entry) => entry.at.id).join(' ')}`;
      const suffix = response.success && inlineSuccesses === 1 ? 'Result' : statusName(response.status);
      const type = seen.get(key) ?? this.#named(response.schema, this.typeName + suffix).type;
      seen.set(key, type);
      return type;
    });
    const result = (): TypeRef => union(responses.flatMap((response, index) => (response.success ? [types[index]?.() ?? UNKNOWN] : [])));
    return { types, result };
  }

  #inline(schema: JsonSchema | undefined): boolean {
    return schema !== undefined && this.bundle.referenced(schema) === undefined && !isAny(schema);
  }

  #named(schema: JsonSchema, wanted: string): { type: LateType; schema: JsonSchema } {
    const entry = this.bundle.referenced(schema);
    if (entry !== undefined) return { type: () => nameIn(schema), schema };
    if (isAny(schema)) return { type: () => UNKNOWN, schema };
    // `XResult` and `XBody` are reserved for this operation. Other names must be claimed.
    const name =
      /(Body|Result)$/.test(wanted) && wanted.startsWith(this.typeName) && !this.own.some((other) => other.name === wanted)
        ? wanted
        : this.names.claim(wanted);
    this.own.push({ name, schema });
    return { type: () => ({ kind: 'schema', name }), schema: { $ref: `#/components/schemas/${name}` } };
  }
}

/** Returns the name in a reference. Call it after the reference is written. */
function nameIn(schema: JsonSchema): TypeRef {
  const ref = own(schema, '$ref');
  return { kind: 'schema', name: String(ref).slice('#/components/schemas/'.length) };
}

/** Returns true if the schema has no constraint and allows any value. */
function isAny(schema: JsonSchema): boolean {
  return (
    schema === true ||
    (typeof schema === 'object' && Object.keys(schema).every((key) => /^(description|title|examples?|default|deprecated)$/.test(key)))
  );
}

function union(types: readonly TypeRef[]): TypeRef {
  const distinct = [...new Map(types.map((type) => [JSON.stringify(type), type])).values()];
  // A union with `unknown` is `unknown`.
  if (distinct.length === 0 || distinct.some((type) => type.kind === 'builtin' && type.text === 'unknown')) return UNKNOWN;
  return distinct.length === 1 ? (distinct[0] as TypeRef) : { kind: 'union', members: distinct };
}
