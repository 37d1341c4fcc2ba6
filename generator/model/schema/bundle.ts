import type { Cursor } from '../../read/cursor.js';
import { setOwn } from '../../read/json.js';
import type { SourceDocument } from '../../read/source-document.js';
import type { JsonSchema } from '../types.js';

/** A schema being built. */
export type Draft = Record<string, unknown>;

/** One named schema of a document, before several documents' names are made one list. */
export interface SchemaEntry {
  readonly at: Cursor;
  /** The name that the document gives or suggests. */
  readonly wanted: string;
  /** Documents that declare it or refer to it. */
  readonly documents: Set<SourceDocument>;
  schema: JsonSchema;
  /** Final name; empty until names are settled. */
  name: string;
}

/**
 * Collects every schema that gets a name. References are objects whose `$ref` is written when names are settled, so that nothing
 * has to search converted schemas for them later: examples and defaults may hold the letters `$ref` as data.
 */
export class SchemaBundle {
  readonly #byPlace = new Map<string, SchemaEntry>();
  readonly #references = new Map<object, SchemaEntry>();
  readonly #mappings: { readonly target: object; readonly key: string; readonly entry: SchemaEntry }[] = [];
  readonly #pending: SchemaEntry[] = [];

  get entries(): readonly SchemaEntry[] {
    return [...this.#byPlace.values()];
  }

  /** The entry of a place, made at the first mention. */
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

  /** A reference to an entry, with annotations beside it. */
  reference(entry: SchemaEntry, annotations: Draft = {}): Draft {
    const reference: Draft = { $ref: '', ...annotations };
    this.#references.set(reference, entry);
    return reference;
  }

  /** What a schema refers to, where it is a reference. */
  referenced(schema: JsonSchema): SchemaEntry | undefined {
    return typeof schema === 'object' ? this.#references.get(schema) : undefined;
  }

  /** The same schema with more annotations; those it has already stay. */
  annotated(schema: JsonSchema, annotations: Draft): JsonSchema {
    if (schema === false) return schema;
    if (schema === true) return annotations;
    const entry = this.#references.get(schema);
    const copy: Draft = { ...annotations, ...schema };
    if (entry !== undefined) this.#references.set(copy, entry);
    return copy;
  }

  /** The same schema as a property with a description of its own, which says more than that of its type. */
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

  /** A discriminator's mapping value, written when names are settled. */
  mapping(target: object, key: string, entry: SchemaEntry): void {
    this.#mappings.push({ target, key, entry });
  }

  /** Converts entries until none is left that has been mentioned but not converted. */
  drain(convert: (entry: SchemaEntry) => JsonSchema): void {
    for (let entry = this.#pending.shift(); entry !== undefined; entry = this.#pending.shift()) entry.schema = convert(entry);
  }

  /** Writes the final names into references. `standsFor` gives the entry that takes another's place. */
  settle(standsFor: (entry: SchemaEntry) => SchemaEntry): void {
    for (const [reference, entry] of this.#references) setOwn(reference, '$ref', refTo(standsFor(entry)));
    for (const { target, key, entry } of this.#mappings) setOwn(target, key, refTo(standsFor(entry)));
  }
}

function refTo(entry: SchemaEntry): string {
  return `#/components/schemas/${entry.name}`;
}
