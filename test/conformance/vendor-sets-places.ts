import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { isMap, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** Keys and list indexes from the root of a document. */
export type Path = readonly string[];

/** `line:column`, both 1-based. */
export type Place = string;

/** Finds where things stand in a document, by other means than the generator's. */
export class Places {
  readonly #of: (path: Path, anchor: 'key' | 'value') => Place;

  constructor(file: string) {
    const text = readFileSync(file, 'utf8');
    this.#of = file.endsWith('.json') ? inJson(file, text) : inYaml(text);
  }

  /** Where the last key of the path stands. An item of a list has none: then where the item stands. */
  key(path: Path): Place {
    return this.#of(path, 'key');
  }

  value(path: Path): Place {
    return this.#of(path, 'value');
  }
}

function inJson(file: string, text: string): (path: Path, anchor: 'key' | 'value') => Place {
  const source = ts.parseJsonText(file, text);
  return (path, anchor) => {
    let node: ts.Node | undefined = source.statements[0]?.expression;
    let key: ts.Node | undefined = node;
    for (const step of path) {
      if (node !== undefined && ts.isObjectLiteralExpression(node)) {
        const property: ts.ObjectLiteralElementLike | undefined = node.properties.findLast(
          (candidate) => candidate.name !== undefined && ts.isStringLiteral(candidate.name) && candidate.name.text === step,
        );
        key = property?.name;
        node = property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : undefined;
      } else {
        node = node !== undefined && ts.isArrayLiteralExpression(node) ? node.elements[Number(step)] : undefined;
        key = node;
      }
    }
    const found = anchor === 'key' ? key : node;
    if (found === undefined) return 'nowhere';
    const { line, character } = source.getLineAndCharacterOfPosition(found.getStart(source));
    return `${line + 1}:${character + 1}`;
  };
}

function inYaml(text: string): (path: Path, anchor: 'key' | 'value') => Place {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  return (path, anchor) => {
    let node: Node | null | undefined = document.contents;
    let key: Node | null | undefined = node;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isPair(item) && String(item.key) === step);
        key = pair?.key as Node | undefined;
        node = pair?.value as Node | undefined;
      } else {
        node = isSeq(node) ? (node.items[Number(step)] as Node | undefined) : undefined;
        key = node;
      }
    }
    const [start] = (anchor === 'key' ? key : node)?.range ?? [];
    if (start === undefined) return 'nowhere';
    const { line, col } = lines.linePos(start);
    return `${line}:${col}`;
  };
}
