import { type Emit, isOpen, SchemaComparison } from './compare-schema.js';
import { type Body, type Content, type Operation, type Parameter, parameterNames, type Resolver } from './openapi.js';
import { leaf, SchemaReader } from './schema-facts.js';
import { type Service, VendorIndex, type VendorOperation, type VendorSet } from './upstream.js';

/** One place where our spec and the vendor's facts disagree. */
export interface Difference {
  readonly service: Service;
  /** Method and path, for example `GET /contacts/{contactId}`. */
  readonly operation: string;
  /** The place in the operation, for example `response 200 contact.tags`. */
  readonly at: string;
  /** What our spec says. */
  readonly found: string;
  /** What the vendor says. */
  readonly expected: string;
  /** True where the two may differ: it is worth knowing, not worth a failure. */
  readonly info: boolean;
}

/** Headers that OpenAPI itself says are not parameters. */
const notParameters = new Set(['authorization', 'accept', 'content-type']);

/** Compares operations of one service with what its vendor publishes. */
export function compareOperations(service: Service, operations: readonly Operation[], resolver: Resolver, vendor: VendorSet): Difference[] {
  const index = new VendorIndex(vendor.operations);
  const readers = { ours: new SchemaReader(resolver), vendor: new SchemaReader(vendor.resolver) };
  return operations.flatMap((operation) => {
    const name = `${operation.method} ${operation.path}`;
    const differences = new Map<string, Difference>();
    const record =
      (info: boolean): Emit =>
      (at, found, expected) => {
        differences.set(JSON.stringify([at, found, expected]), { service, operation: name, at, found, expected, info });
      };
    const theirs = index.find(operation);
    if (theirs === undefined) record(false)('operation', 'present', index.near(operation));
    else new OperationComparison(operation, theirs, readers, record(false), record(true)).run();
    return [...differences.values()];
  });
}

/** Compares one operation with its counterpart. */
class OperationComparison {
  readonly #schemas: SchemaComparison;

  constructor(
    readonly ours: Operation,
    readonly theirs: VendorOperation,
    readonly readers: { readonly ours: SchemaReader; readonly vendor: SchemaReader },
    readonly differ: Emit,
    readonly inform: Emit,
  ) {
    this.#schemas = new SchemaComparison(readers);
  }

  run(): void {
    if (this.ours.path !== this.theirs.path) this.inform('path', this.ours.path, this.theirs.path);
    for (const ref of this.ours.dangling) this.differ('operation', `$ref ${ref} leads nowhere`, 'a definition');
    this.#parameters();
    this.#body(this.ours.body, this.theirs.body);
    this.#successes();
    this.#errors();
  }

  #parameters(): void {
    const theirNames = parameterNames(this.theirs.path);
    const renamed = new Map(parameterNames(this.ours.path).map((name, index) => [name, theirNames[index] ?? name]));
    const key = ({ in: place, name }: Parameter): string =>
      place === 'path' ? `path ${renamed.get(name) ?? name}` : `${place} ${place === 'header' ? name.toLowerCase() : name}`;
    const ours = new Map(this.ours.parameters.filter(isParameter).map((parameter) => [key(parameter), parameter]));
    for (const parameter of this.theirs.parameters.filter(isParameter)) {
      const place = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
      const at = `parameter ${parameter.in} ${parameter.name}`;
      const own = ours.get(place);
      ours.delete(place);
      if (own !== undefined) this.#parameter(own, parameter, at);
      else if (parameter.required) this.differ(at, 'absent', 'required');
      else this.inform(at, 'absent', 'optional');
    }
    for (const parameter of ours.values()) {
      this.differ(`parameter ${parameter.in} ${parameter.name}`, parameter.required ? 'required' : 'optional', 'absent');
    }
  }

  #parameter(own: Parameter, theirs: Parameter, at: string): void {
    if (own.required !== theirs.required) this.differ(`${at} required`, String(own.required), String(theirs.required));
    if (theirs.schema === undefined) return;
    const facts = this.readers.vendor.facts(leaf(theirs.schema));
    if (isOpen(facts)) return;
    const structured = facts.types.has('array') || facts.types.has('object');
    if (structured && own.style !== theirs.style) this.differ(`${at} style`, own.style, theirs.style);
    if (own.schema === undefined) this.differ(at, 'no schema', 'a schema');
    else this.#schemas.compare(own.schema, theirs.schema, at, this.differ, this.differ);
  }

  #body(own: Body | undefined, theirs: Body | undefined): void {
    const at = 'request body';
    if (theirs === undefined || own === undefined) {
      if (theirs !== own) this.differ(at, own === undefined ? 'absent' : 'present', own === undefined ? 'present' : 'absent');
      return;
    }
    if (own.required !== theirs.required) this.inform(`${at} required`, String(own.required), String(theirs.required));
    this.#content(own.content, theirs.content, at, this.differ);
  }

  #content(own: Content | undefined, theirs: Content | undefined, at: string, required: Emit): void {
    if (own === undefined || theirs === undefined) return;
    for (const type of own.keys()) {
      const nearest = theirs.has(type) || theirs.size === 0 ? undefined : [...theirs.keys()].join(', ');
      if (nearest !== undefined) this.differ(`${at} content type`, type, nearest);
    }
    for (const [type, schema] of theirs) {
      const mine = own.get(type);
      if (mine === undefined) {
        const report = own.size > 0 ? this.inform : schema === undefined ? this.inform : this.differ;
        report(`${at} content type`, own.has(type) ? `${type} without a schema` : 'absent', type);
      } else if (schema !== undefined) {
        this.#schemas.compare(mine, schema, at, this.differ, required);
      }
    }
  }

  #successes(): void {
    const ours = [...this.ours.responses.keys()].filter(isSuccess);
    const theirs = [...this.theirs.responses.keys()].filter(isSuccess);
    const vague = theirs.length === 0 ? 'default' : theirs.find((code) => code.endsWith('XX'));
    for (const code of ours) {
      const expected = theirs.includes(code) ? code : vague;
      if (expected === undefined) {
        this.differ(`response ${code}`, 'present', `absent (has ${theirs.join(', ')})`);
      } else if (!isBodiless(code)) {
        this.#content(this.ours.responses.get(code), this.theirs.responses.get(expected), `response ${code}`, this.inform);
      }
    }
    for (const code of theirs) {
      const present = ours.includes(code) || (code === vague && ours.length > 0);
      if (!present) this.differ(`response ${code}`, 'absent', 'present');
    }
  }

  #errors(): void {
    for (const code of this.theirs.responses.keys()) {
      if (isSuccess(code) || code === 'default') continue;
      const range = `${code[0]}XX`;
      if (!this.ours.responses.has(code) && !this.ours.responses.has(range)) {
        this.differ(`response ${code}`, 'absent', 'present');
      }
    }
  }
}

function isParameter(parameter: Parameter): boolean {
  return parameter.in !== 'cookie' && !(parameter.in === 'header' && notParameters.has(parameter.name.toLowerCase()));
}

/** Whether a response with this code never has a body, whatever a document says. */
function isBodiless(code: string): boolean {
  return code === '204' || code === '205' || code === '304';
}

function isSuccess(code: string): boolean {
  return /^[23]/.test(code);
}
