import type { Cursor } from '../../read/cursor.js';
import { setOwn } from '../../read/json.js';
import type { SourceDocument } from '../../read/source-document.js';
import type { JsonSchema } from '../types.js';

/** A schema under construction. */
export type Draft = Record<string, unknown>;

/** One named schema of a document, before the names of several documents are merged. */
export interface SchemaEntry {
  readonly at: Cursor;
  /** The name that the document gives or suggests. */
  readonly wanted: string;
  /** The documents that declare the schema or refer to it. */
  readonly documents: Set<SourceDocument>;
  schema: JsonSchema;
  /** The final name. Empty until `settle`. */
  name: string;
}

/**
 * Collects every schema that gets a name. A reference is an object whose `$ref` is written by `settle`. Converted schemas are never
 * searched for references, because examples and defaults may contain `$ref` as data.
 */
export class SchemaBundle {
  readonly #byPlace = new Map<string, SchemaEntry>();
  readonly #references = new Map<object, SchemaEntry>();
  readonly #mappings: { readonly target: object; readonly key: string; readonly entry: SchemaEntry }[] = [];
  readonly #pending: SchemaEntry[] = [];

  get entries(): readonly SchemaEntry[] {
    return [...this.#byPlace.values()];
  }

  /** Returns the entry of a place. Makes it at the first mention. */
  entry(at: Cursor, wanted: string, from: SourceDocument): SchemaEntry {
    const id = at.id;
    let entry = this.#byPlace.get(id);
    if (entry === undefined) {
      entry = { at, wanted, documents: new Set(), schema: {}, name: '' };
      this.#byPlace.set(id, entry);
      this.#pending.push(entry);
    }
    entry.documents.add(from);
    return entry;
  }

  /** Makes a reference to an entry, with annotations beside it. */
  reference(entry: SchemaEntry, annotations: Draft = {}): Draft {
    const reference: Draft = { $ref: '', ...annotations };
    this.#references.set(reference, entry);
    return reference;
  }

  /** Returns the entry that a schema refers to. Undefined if the schema is not a reference. */
  referenced(schema: JsonSchema): SchemaEntry | undefined {
    return typeof schema === 'object' ? this.#references.get(schema) : undefined;
  }

  /** Returns the same schema with more annotations. Annotations that it already has stay. */
  annotated(schema: JsonSchema, annotations: Draft): JsonSchema {
    if (schema === false) return schema;
    if (schema === true) return annotations;
    const entry = this.#references.get(schema);
    const copy: Draft = { ...annotations, ...schema };
    if (entry !== undefined) this.#references.set(copy, entry);
    return copy;
  }

  /** Returns the same schema with the description of a property, which is more specific than the description of its type. */
  described(schema: JsonSchema, description: string | undefined, deprecated: boolean): JsonSchema {
    const { description: _, ...rest } = typeof schema === 'object' ? schema : { description };
    const plain = typeof schema === 'object' && description !== undefined ? this.#as(schema, rest) : schema;
    const more = { ...(description === undefined ? {} : { description }), ...(deprecated ? { deprecated } : {}) };
    return Object.keys(more).length === 0 ? schema : this.annotated(plain, more);
  }

  #as(schema: object, copy: Draft): Draft {
    const entry = this.#references.get(schema);
    if (entry !== undefined) this.#references.set(copy, entry);
    return copy;
  }

  /** Adds a mapping value of a discriminator. `settle` writes it. */
  mapping(target: object, key: string, entry: SchemaEntry): void {
    this.#mappings.push({ target, key, entry });
  }

  /** Converts entries until every mentioned entry is converted. */
  drain(convert: (entry: SchemaEntry) => JsonSchema): void {
    for (let entry = this.#pending.shift(); entry !== undefined; entry = this.#pending.shift()) entry.schema = convert(entry);
  }

  /** Writes the final names into all references. `standsFor` returns the entry that replaces another. */
  settle(standsFor: (entry: SchemaEntry) => SchemaEntry): void {
    for (const [reference, entry] of this.#references) setOwn(reference, '$ref', refTo(standsFor(entry)));
    for (const { target, key, entry } of this.#mappings) setOwn(target, key, refTo(standsFor(entry)));
  }
}

function refTo(entry: SchemaEntry): string {
  return `#/components/schemas/${entry.name}`;
}
