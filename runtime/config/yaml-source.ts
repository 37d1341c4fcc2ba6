import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { Diagnostic } from './diagnostic.js';
import { toPointer } from './pointer.js';
import { quote } from './quote.js';
import { ConfigSource, diagnostic, type Finding, type Place, type Range } from './source.js';
import { nameOf, repeatedKeys, syntaxFault } from './yaml-syntax.js';

/** Largest number of values that aliases can add. Normal files stay below it; it stops a file whose aliases double the data with every line. */
const MAX_ALIASED = 20_000;
const MAX_DEPTH = 64;

/** The data of a file, with the place of every value. `data` is undefined if the text could not be read. */
export interface YamlFile {
  readonly source: ConfigSource;
  readonly data: unknown;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads YAML 1.2 (JSON is YAML), and resolves aliases and merge keys. Repeated keys are reported, and the last one applies. `expected` describes the
 * expected contents, for the message about an empty file. `shown` is the text for frames, with secrets hidden and of the same length.
 */
export function readYaml(text: string, file: string, expected = '`circuit_breaker:` with settings', shown = text): YamlFile {
  const places = new Map<string, Place>();
  const source = new ConfigSource(file, text, places, shown);
  let document: Document.Parsed;
  try {
    // With `uniqueKeys`, `yaml` compares each key with all others of its mapping. `repeatedKeys` finds repeated keys in one pass.
    document = parseDocument(text, { prettyErrors: false, keepSourceTokens: false, uniqueKeys: false });
  } catch {
    // The parser is recursive: text nested a few thousand levels deep overflows the stack.
    return {
      source,
      data: undefined,
      diagnostics: [diagnostic(file, { code: 'yaml-syntax', message: 'the file is nested too deeply to be read' })],
    };
  }
  const at = (range: Range, finding: Finding): Diagnostic => source.diagnoseAt(source.positionAt(range), finding);
  const diagnostics = repeatedKeys(document, text).map(({ written, range }) =>
    at(range, { code: 'duplicate-key', message: `\`${written}\` is given twice in one mapping, expected once` }),
  );
  const fault = syntaxFault(document, text);
  if (fault !== undefined) return { source, data: undefined, diagnostics: [...diagnostics, at(fault.range, fault.finding)] };
  for (const { pos, message } of document.warnings) diagnostics.push(at(pos, { code: 'yaml-tag', message: lowerFirst(message) }));
  if (document.contents === null) {
    return {
      source,
      data: undefined,
      diagnostics: [...diagnostics, diagnostic(file, { code: 'empty-file', message: `the file is empty, expected ${expected}` })],
    };
  }
  const reader = new Reader(places, (range, finding) => diagnostics.push(at(range, finding)));
  const data = reader.read(document.contents, '', undefined, 0);
  return { source, data: reader.stopped ? undefined : data, diagnostics };
}

/** Converts nodes to plain data, and records the place of each. */
class Reader {
  readonly #report: (range: Range, finding: Finding) => void;
  readonly #anchors = new Map<string, unknown>();
  /** The aliases currently being followed, to detect an alias inside its own anchor. */
  readonly #open = new Set<unknown>();
  #places: Map<string, Place>;
  #aliased = 0;
  /** True if the data are incomplete. Checking them would report faults that the file does not have. */
  stopped = false;

  constructor(places: Map<string, Place>, report: (range: Range, finding: Finding) => void) {
    this.#places = places;
    this.#report = report;
  }

  read(node: unknown, pointer: string, key: Range | undefined, depth: number): unknown {
    const range = rangeOf(node) ?? key ?? [0, 0];
    this.#places.set(pointer, { key, value: range });
    if (!this.#mayGoOn(range, depth)) return null;
    if (isAlias(node)) {
      const result = this.#follow(node.source, range, (target) => this.read(target, pointer, key, depth + 1));
      // A finding about an aliased value is placed at the alias; findings about its parts are placed at the anchor.
      this.#places.set(pointer, { key, value: range });
      return result ?? null;
    }
    this.#remember(node);
    if (isMap(node)) return this.#mapping(node, pointer, depth);
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, `${pointer}/${index}`, undefined, depth + 1));
    if (!isScalar(node)) return null;
    const { value } = node;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    this.#report(range, {
      code: 'yaml-tag',
      message: 'a tag makes this value something else than plain data, expected text, a number, true, false or null',
    });
    return null;
  }

  #mapping(node: YAMLMap, pointer: string, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const merges: Pair[] = [];
    for (const pair of node.items) {
      const key = rangeOf(pair.key) ?? [0, 0];
      const name = nameOf(pair.key);
      if (name === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') merges.push(pair);
      else if (name === undefined || name === '')
        this.#report(key, { code: 'bad-key', message: 'a key is a mapping, a list or nothing, expected a name' });
      // Assigning `__proto__` would change the prototype instead of adding a property.
      else if (name === '__proto__') this.#report(key, { code: 'bad-key', message: '`__proto__` cannot be a key' });
      else result[name] = this.read(pair.value, `${pointer}${toPointer([name])}`, key, depth + 1);
    }
    for (const { key, value } of merges) this.#merge(value, rangeOf(key) ?? [0, 0], pointer, result, depth + 1);
    return result;
  }

  /** Adds the keys of a merge key (`<<`). The mapping's own keys override them. In a list of mappings, earlier items override later ones. */
  #merge(node: unknown, range: Range, pointer: string, into: Record<string, unknown>, depth: number): void {
    if (!this.#mayGoOn(range, depth)) return;
    if (isAlias(node)) {
      this.#follow(node.source, range, (target) => this.#merge(target, range, pointer, into, depth + 1));
    } else if (isSeq(node)) {
      for (const item of node.items) this.#merge(item, range, pointer, into, depth + 1);
    } else if (isMap(node)) {
      this.#remember(node);
      const outer = this.#places;
      const inner = new Map<string, Place>();
      this.#places = inner;
      const merged = Object.entries(this.#mapping(node, pointer, depth)).filter(([name]) => !Object.hasOwn(into, name));
      this.#places = outer;
      for (const [name, value] of merged) into[name] = value;
      const added = new Set(merged.map(([name]) => `${pointer}${toPointer([name])}`));
      for (const [at, place] of inner) {
        const end = at.indexOf('/', pointer.length + 1);
        if (added.has(end === -1 ? at : at.slice(0, end))) outer.set(at, place);
      }
    } else {
      this.#report(range, {
        code: 'bad-merge',
        message: '`<<` is followed by no mapping, expected an alias of one, such as `<<: *defaults`',
      });
    }
  }

  #follow<T>(name: string, range: Range, visit: (target: unknown) => T): T | undefined {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      const known = [...this.#anchors.keys()].slice(0, 10).map((anchor) => `*${anchor}`);
      const expected = known.length === 0 ? 'an anchor (`&name`) above it' : `one of ${known.join(', ')}`;
      this.#report(range, { code: 'unknown-alias', message: `${quote(`*${name}`)} repeats nothing, expected ${expected}` });
      return undefined;
    }
    if (this.#open.has(target)) {
      this.#stop(range, 'alias-cycle', `${quote(`*${name}`)} stands inside the value that it repeats, so it would never end`);
      return undefined;
    }
    this.#open.add(target);
    const result = visit(target);
    this.#open.delete(target);
    return result;
  }

  /** Records an anchor. Anchors are visited in file order; those inside the target of an alias are already known. */
  #remember(node: unknown): void {
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined && this.#open.size === 0) this.#anchors.set(anchor, node);
  }

  #mayGoOn(range: Range, depth: number): boolean {
    if (depth > MAX_DEPTH) return this.#stop(range, 'too-deep', `this value is nested deeper than ${MAX_DEPTH} levels`);
    if (this.#open.size === 0) return true;
    this.#aliased += 1;
    return (
      this.#aliased <= MAX_ALIASED ||
      this.#stop(range, 'alias-bomb', `aliases add more than ${MAX_ALIASED.toLocaleString('en')} values to this file`)
    );
  }

  #stop(range: Range, code: string, message: string): false {
    if (!this.stopped) this.#report(range, { code, message });
    this.stopped = true;
    return false;
  }
}

function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? node.range : undefined;
  return range ? [range[0], range[1]] : undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
