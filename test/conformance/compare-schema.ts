import type { SchemaFacts, SchemaNode, Values } from './facts.js';
import type { Located } from './openapi.js';
import { leaf, type SchemaReader } from './schema-facts.js';
import { variantsByConstant } from './variants.js';

/** How deep properties are followed. */
const maxDepth = 8;

/** Receives one finding: where, what ours says, what the vendor says. */
export type Emit = (at: string, found: string, expected: string) => void;

/** What reads the two sides. */
export interface Readers {
  readonly ours: SchemaReader;
  readonly vendor: SchemaReader;
}

/** Compares schemas of one operation. A pair of schemas is compared once per body, response or parameter. */
export class SchemaComparison {
  readonly #readers: Readers;
  readonly #seen = new Map<string, number>();

  constructor(readers: Readers) {
    this.#readers = readers;
  }

  /**
   * Reports every difference between our schema and the vendor's. `required` receives differing lists of required
   * properties; it is called for objects that both sides describe.
   */
  compare(ours: Located, vendor: Located, at: string, emit: Emit, required: Emit): void {
    this.#nodes(leaf(ours), leaf(vendor), new Place(at, '', 0, emit, required));
  }

  #nodes(ours: SchemaNode, vendor: SchemaNode, place: Place): void {
    const pair = `${place.base} ${this.#readers.ours.key(ours)} ${this.#readers.vendor.key(vendor)}`;
    if ((this.#seen.get(pair) ?? maxDepth + 1) <= place.depth) return;
    this.#seen.set(pair, place.depth);
    const mine = this.#readers.ours.facts(ours);
    const theirs = this.#readers.vendor.facts(vendor);
    for (const ref of mine.dangling) place.report(`$ref ${ref} leads nowhere`, 'a schema');
    if (mine.dangling.length > 0 || isOpen(theirs)) return;
    if (mine.types.size === 0) {
      place.report('untyped', describe(theirs));
      return;
    }
    compareTypes(mine, theirs, place);
    if (mine.types.has('object') && theirs.types.has('object')) this.#alternatives(ours, vendor, place);
    if (mine.types.has('array') && theirs.types.has('array') && theirs.items !== undefined) {
      this.#part(mine.items, theirs.items, place.items(), 'untyped');
    }
  }

  /** Compares objects alternative by alternative where a constant tells which belong together, else as one. */
  #alternatives(ours: SchemaNode, vendor: SchemaNode, place: Place): void {
    const side = (reader: SchemaReader, node: SchemaNode) => ({ reader, variants: reader.variants(node) });
    const sorted = variantsByConstant(side(this.#readers.ours, ours), side(this.#readers.vendor, vendor));
    if (sorted === undefined) {
      this.#objects(this.#readers.ours.facts(ours), this.#readers.vendor.facts(vendor), place);
      return;
    }
    for (const [value, theirs] of sorted.vendor) {
      const mine = sorted.ours.get(value);
      if (mine === undefined) place.variant(value).report('absent', describe(theirs));
      else this.#objects(mine, theirs, place.variant(value));
    }
    for (const [value, mine] of sorted.ours) {
      if (!sorted.vendor.has(value)) place.variant(value).report(describe(mine), 'absent');
    }
  }

  #objects(mine: SchemaFacts, theirs: SchemaFacts, place: Place): void {
    if (theirs.properties.size > 0 && mine.properties.size === 0) {
      place.report('an object without properties', describe(theirs));
      return;
    }
    if (theirs.properties.size === 0) {
      if (theirs.values !== undefined) this.#part(mine.values, theirs.values, place.values(), 'untyped');
      return;
    }
    for (const [name, node] of theirs.properties) this.#part(mine.properties.get(name), node, place.property(name), 'absent');
    for (const [name, node] of mine.properties) {
      // A property that the vendor requires without listing it exists, untyped.
      if (!theirs.properties.has(name) && !theirs.required.has(name))
        place.property(name).report(describe(this.#readers.ours.facts(node)), 'absent');
    }
    compareRequired(mine, theirs, place);
  }

  /** Compares what both sides have; reports what only the vendor has, a property even where it is untyped. */
  #part(ours: SchemaNode | undefined, theirs: SchemaNode, place: Place, found: 'absent' | 'untyped'): void {
    if (ours !== undefined) {
      if (place.depth <= maxDepth) this.#nodes(ours, theirs, place);
      return;
    }
    const facts = this.#readers.vendor.facts(theirs);
    if (found === 'absent' || !isOpen(facts)) place.report(found, describe(facts));
  }
}

/** Where in an operation a comparison is, for example `response 200 contact.tags[]`. */
class Place {
  constructor(
    readonly base: string,
    readonly path: string,
    readonly depth: number,
    readonly emit: Emit,
    readonly required: Emit,
  ) {}

  report(found: string, expected: string): void {
    this.emit(this.at(), found, expected);
  }

  at(): string {
    return this.path === '' ? this.base : `${this.base} ${this.path}`;
  }

  property(name: string): Place {
    return new Place(this.base, this.path === '' ? name : `${this.path}.${name}`, this.depth + 1, this.emit, this.required);
  }

  variant(value: string): Place {
    return new Place(this.base, `${this.path}(${value})`, this.depth, this.emit, this.required);
  }

  items(): Place {
    return new Place(this.base, `${this.path}[]`, this.depth, this.emit, this.required);
  }

  values(): Place {
    return new Place(this.base, `${this.path}{}`, this.depth + 1, this.emit, this.required);
  }
}

/** Whether a vendor's schema says nothing that ours could contradict. */
export function isOpen(facts: SchemaFacts): boolean {
  const types = [...facts.types.keys()].filter((type) => type !== 'null');
  const structured = facts.properties.size > 0 || facts.values !== undefined;
  return types.length === 0 ? !facts.types.has('null') : types.length === 1 && types[0] === 'object' && !structured;
}

function compareTypes(mine: SchemaFacts, theirs: SchemaFacts, place: Place): void {
  const found = typeNames(mine, theirs);
  const expected = [...theirs.types.keys()].sort().join(' | ');
  if (found !== expected) place.report(found, expected);
  for (const [type, expectedValues] of theirs.types) {
    const values = mine.types.get(type);
    if (values !== undefined) compareValues(values, expectedValues, place);
  }
}

/** Our types; `numeric` where the vendor's side only knows that it is some number. */
function typeNames(mine: SchemaFacts, theirs: SchemaFacts): string {
  const numeric = theirs.types.has('numeric');
  const names = [...mine.types.keys()].map((type) => (numeric && (type === 'integer' || type === 'number') ? 'numeric' : type));
  return [...new Set(names)].sort().join(' | ');
}

function compareValues(found: Values, expected: Values, place: Place): void {
  if (expected === 'any') return;
  if (found === 'any') {
    place.report('any value', `one of ${listed(expected)}`);
    return;
  }
  const extra = [...found].filter((value) => !expected.has(value));
  const missing = [...expected].filter((value) => !found.has(value));
  if (extra.length > 0 || missing.length > 0) {
    place.report(
      extra.length > 0 ? `also ${listed(extra)}` : `fewer values`,
      missing.length > 0 ? `also ${listed(missing)}` : `only ${listed(expected)}`,
    );
  }
}

function compareRequired(mine: SchemaFacts, theirs: SchemaFacts, place: Place): void {
  const shared = [...theirs.properties.keys()].filter((name) => mine.properties.has(name));
  const extra = shared.filter((name) => mine.required.has(name) && !theirs.required.has(name));
  const missing = shared.filter((name) => theirs.required.has(name) && !mine.required.has(name));
  for (const name of extra) place.required(`${place.property(name).at()} required`, 'true', 'false');
  for (const name of missing) place.required(`${place.property(name).at()} required`, 'false', 'true');
}

/** Facts in a few words. */
export function describe(facts: SchemaFacts): string {
  if (facts.types.size === 0) return 'untyped';
  const words = [...facts.types].map(([type, values]) => {
    if (values !== 'any') return `${type} (${listed(values)})`;
    return type === 'object' && facts.properties.size > 0 ? `object {${listed(facts.properties.keys())}}` : type;
  });
  return words.join(' | ');
}

function listed(values: Iterable<string>): string {
  const all = [...values];
  return all.length > 12 ? `${all.slice(0, 12).join(', ')}, … (${all.length})` : all.join(', ');
}
