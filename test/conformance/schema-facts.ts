import { intersect, nothing, type SchemaFacts, type SchemaNode, unite } from './facts.js';
import { asList, asObject, isObject } from './json.js';
import type { Located, Resolver } from './openapi.js';
import { ownFacts, typesOf } from './schema-keywords.js';

/** More alternatives than this are joined into one, which then lists the properties of all. */
const maxVariants = 64;

/** A node for one schema of a document. */
export function leaf(at: Located): SchemaNode {
  return { kind: 'leaf', at };
}

/** Reads schemas into facts, one level at a time, so that recursive schemas are no problem. */
export class SchemaReader {
  readonly #resolver: Resolver;
  readonly #known = new WeakMap<object, readonly SchemaFacts[]>();
  readonly #ids = new WeakMap<object, number>();
  #nextId = 1;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** The facts of a node, all alternatives together; those of its properties are read from their own nodes. */
  facts(node: SchemaNode): SchemaFacts {
    return together(this.variants(node));
  }

  /** The facts of each alternative that a node allows (`oneOf`, `anyOf`); one where it has no alternatives. */
  variants(node: SchemaNode): readonly SchemaFacts[] {
    return this.#variantsOf(node, new Set());
  }

  /** A key that is the same for nodes made of the same schemas. */
  key(node: SchemaNode): string {
    if (node.kind !== 'leaf') return `${node.kind}(${node.of.map((part) => this.key(part)).join(' ')})`;
    const target = this.#resolver.follow(node.at)?.value;
    const value = Object.keys(asObject(node.at.value)).length === 1 ? (target ?? node.at.value) : node.at.value;
    if (!isObject(value)) return String(value);
    const id = this.#ids.get(value) ?? this.#nextId++;
    this.#ids.set(value, id);
    return String(id);
  }

  #variantsOf(node: SchemaNode, open: ReadonlySet<unknown>): readonly SchemaFacts[] {
    if (node.kind === 'leaf') return this.#leafVariants(node.at, open);
    const parts = node.of.map((part) => this.#variantsOf(part, open));
    return node.kind === 'any' ? parts.flat() : parts.reduce((a, b) => this.#allOf(a, b), [nothing]);
  }

  #leafVariants(at: Located, open: ReadonlySet<unknown>): readonly SchemaFacts[] {
    if (!isObject(at.value) || open.has(at.value)) return [nothing];
    const known = this.#known.get(at.value);
    if (known !== undefined) return known;
    const variants = this.#composed(at, new Set([...open, at.value]));
    this.#known.set(at.value, variants);
    return variants;
  }

  #composed(at: Located, open: ReadonlySet<unknown>): readonly SchemaFacts[] {
    const schema = asObject(at.value);
    const own = ownFacts(at);
    const ref = typeof schema.$ref === 'string' ? schema.$ref : undefined;
    const target = ref === undefined ? undefined : this.#resolver.target(ref, at.document);
    if (ref !== undefined && target === undefined) return [{ ...own, dangling: [ref] }];
    const parts = (list: unknown): SchemaNode[] => asList(list).map((value) => leaf({ value, document: at.document }));
    const compositions: SchemaNode[] = [
      ...(target === undefined ? [] : [leaf(target)]),
      ...parts(schema.allOf),
      ...[parts(schema.oneOf), parts(schema.anyOf)].filter((of) => of.length > 0).map((of) => ({ kind: 'any' as const, of })),
    ];
    // What is referred to goes first: where a sibling `type` contradicts it, the sibling is wrong.
    const all = compositions.map((node) => this.#variantsOf(node, open)).reduce((a, b) => this.#allOf(a, b), [nothing]);
    const variants = this.#allOf(all, [own]);
    const nullable = schema.nullable === true || own.types.has('null');
    return nullable ? variants.map(withNull) : variants;
  }

  /** Every combination of one alternative of each side that is possible at all. */
  #allOf(a: readonly SchemaFacts[], b: readonly SchemaFacts[]): readonly SchemaFacts[] {
    if (a.length * b.length > maxVariants) return [intersect(together(a), together(b))];
    const pairs = a.flatMap((left) => b.map((right) => [left, right] as const));
    const possible = pairs.filter(([left, right]) => this.#agree(left, right));
    return (possible.length > 0 ? possible : pairs).map(([left, right]) => intersect(left, right));
  }

  /** Whether no type or constant (such as a discriminating `type` property) keeps both from holding at once. */
  #agree(a: SchemaFacts, b: SchemaFacts): boolean {
    if (!typesAgree(a.types, b.types)) return false;
    return [...a.properties].every(([name, node]) => {
      const other = b.properties.get(name);
      return other === undefined || typesAgree(this.#ownTypes(node), this.#ownTypes(other));
    });
  }

  #ownTypes(node: SchemaNode): SchemaFacts['types'] {
    const target = node.kind === 'leaf' ? this.#resolver.follow(node.at) : undefined;
    return typesOf(asObject(target?.value));
  }
}

function together([first = nothing, ...others]: readonly SchemaFacts[]): SchemaFacts {
  return others.reduce(unite, first);
}

function withNull(facts: SchemaFacts): SchemaFacts {
  if (facts.types.size === 0 || facts.types.has('null')) return facts;
  return { ...facts, types: new Map([...facts.types, ['null', 'any']]) };
}

function typesAgree(a: SchemaFacts['types'], b: SchemaFacts['types']): boolean {
  if (a.size === 0 || b.size === 0) return true;
  return [...a].some(([type, values]) => {
    const other = b.get(type) ?? (type === 'number' ? b.get('integer') : type === 'integer' ? b.get('number') : undefined);
    if (other === undefined || values === 'any' || other === 'any') return other !== undefined;
    return [...values].some((value) => other.has(value));
  });
}
