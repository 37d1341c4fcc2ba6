import ts from 'typescript';
import { identifier, isIdentifier, jsDoc, propertyName, stringLiteral } from '../code/escape.js';

const WIDTH = 140;

export interface TypePrinterOptions {
  /** Names that the service declares. A helper type with such a name gets another. */
  readonly declared: ReadonlySet<string>;
  /** Returns the text of a reference to a schema. */
  readonly reference: (schema: string) => string;
  /** Returns the JSDoc lines for the number in a node's comment. */
  readonly doc: (id: number) => readonly string[];
}

/** Prints the nodes of openapi-typescript in the format of generated code. TypeScript's own printer has no line width. */
export class TypePrinter {
  readonly #helpers = new Map<string, string>();

  constructor(private readonly options: TypePrinterOptions) {}

  /** Prints a member of `components['schemas']` as a declaration. */
  declaration(member: ts.PropertySignature): string {
    const name = identifier(nameOf(member.name));
    const doc = jsDoc(this.#doc(member));
    const type = member.type === undefined ? undefined : this.#merged(unwrap(member.type));
    if (type !== undefined && ts.isTypeLiteralNode(type) && type.members.length > 0) {
      return `${doc}export interface ${name} ${this.#block(type.members, '')}`;
    }
    const start = `export type ${name} = `;
    return `${doc}${joined(start, this.#type(type, start.length, ''))};`;
  }

  /** Returns the declarations of helper types that the printed types use. */
  helpers(): string[] {
    return [...this.#helpers.values()];
  }

  #doc(node: ts.Node): readonly string[] {
    const id = ts.getSyntheticLeadingComments(node)?.flatMap(({ text }) => /@description (\d+)/.exec(text)?.[1] ?? [])[0];
    return id === undefined ? [] : this.options.doc(Number(id));
  }

  /**
   * Merges `{ a: string } & { [key: string]: unknown }` into one object type. Also merges `{ a: number } & { [key: string]: string }`,
   * which no value could satisfy: the index signature then allows the types of all properties.
   */
  #merged(node: ts.TypeNode): ts.TypeNode {
    if (!ts.isIntersectionTypeNode(node) || node.types.length !== 2) return node;
    const [object, index] = node.types;
    if (object === undefined || index === undefined || !ts.isTypeLiteralNode(object) || !ts.isTypeLiteralNode(index)) return node;
    const [signature, ...more] = index.members;
    if (signature === undefined || more.length > 0 || !ts.isIndexSignatureDeclaration(signature)) return node;
    const any = signature.type.kind === ts.SyntaxKind.UnknownKeyword;
    const others = new Map(
      [signature.type, ...object.members.flatMap((member) => typeOf(member) ?? [])].map((type) => [this.#type(type, 0, ''), type]),
    );
    if (any || others.size < 2) return any ? ts.factory.createTypeLiteralNode([...object.members, signature]) : node;
    const optional = object.members.some(({ questionToken }) => questionToken !== undefined);
    const types = [...others.values(), ...(optional ? [ts.factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword)] : [])];
    const { modifiers, parameters } = signature;
    const wide = ts.factory.createIndexSignature(modifiers, parameters, ts.factory.createUnionTypeNode(types));
    return ts.factory.createTypeLiteralNode([...object.members, wide]);
  }

  /** Prints the members of an object type, one per line. */
  #block(members: readonly ts.TypeElement[], indent: string): string {
    const inner = `${indent}  `;
    const lines = members.map((member) => {
      const start = `${inner}${this.#memberStart(member)}`;
      return `${jsDoc(this.#doc(member), inner)}${joined(start, this.#type(typeOf(member), start.length, inner))};\n`;
    });
    return `{\n${lines.join('')}${indent}}`;
  }

  #memberStart(member: ts.TypeElement): string {
    if (ts.isIndexSignatureDeclaration(member)) return '[key: string]: ';
    const readonly = ts.isPropertySignature(member) && member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword);
    return `${readonly ? 'readonly ' : ''}${propertyName(nameOf(member.name))}${member.questionToken === undefined ? '' : '?'}: `;
  }

  #type(node: ts.TypeNode | undefined, column: number, indent: string): string {
    if (node === undefined) return 'unknown';
    const type = this.#merged(unwrap(node));
    if (ts.isTypeLiteralNode(type)) return this.#object(type, column, indent);
    if (ts.isUnionTypeNode(type)) return this.#alternatives(type.types, '|', column, indent);
    if (ts.isIntersectionTypeNode(type)) {
      const known = type.types.filter((part) => unwrap(part).kind !== ts.SyntaxKind.UnknownKeyword);
      return this.#alternatives(known, '&', column, indent);
    }
    if (ts.isArrayTypeNode(type)) return this.#array(type.elementType, column, indent);
    if (ts.isTupleTypeNode(type)) return `[${type.elements.map((element) => this.#type(element, column + 1, indent)).join(', ')}]`;
    if (ts.isRestTypeNode(type)) return `...${this.#type(type.type, column + 3, indent)}`;
    if (ts.isTypeReferenceNode(type)) return this.#reference(type, column, indent);
    const schema = schemaOf(type);
    if (schema !== undefined) return this.options.reference(schema);
    return simple(type);
  }

  #object(type: ts.TypeLiteralNode, column: number, indent: string): string {
    if (type.members.length === 0) return '{ [key: string]: unknown }';
    const [only, ...more] = type.members;
    if (only !== undefined && more.length === 0 && this.#doc(only).length === 0) {
      const flat = `{ ${this.#memberStart(only)}${this.#type(typeOf(only), column, indent)} }`;
      if (!flat.includes('\n') && column + flat.length < WIDTH) return flat;
    }
    return this.#block(type.members, indent);
  }

  #alternatives(types: readonly ts.TypeNode[], operator: '|' | '&', column: number, indent: string): string {
    const inner = `${indent}  `;
    const print = (at: string): string[] => [...new Set(types.map((type) => this.#nested(type, operator, at)))];
    const parts = print(indent);
    if (parts.length === 0) return 'unknown';
    if (operator === '|' && parts.includes('unknown')) return 'unknown';
    const flat = parts.join(` ${operator} `);
    // An object in the list may span lines. A list of names is split at its operators.
    const lines = flat.split('\n');
    if (column + (lines[0] ?? '').length < WIDTH && (lines.length === 1 || parts.length <= 2 || operator === '&')) return flat;
    return print(inner)
      .map((part) => `\n${inner}${operator} ${part}`)
      .join('');
  }

  /** Prints a member of a union or intersection, in parentheses if its operator binds less. */
  #nested(node: ts.TypeNode, operator: '|' | '&', indent: string): string {
    const type = this.#merged(unwrap(node));
    const text = this.#type(type, indent.length + 4, indent);
    const other = operator === '&' ? ts.isUnionTypeNode(type) : false;
    return other && /[|&]/.test(text) ? `(${text})` : text;
  }

  #array(element: ts.TypeNode, column: number, indent: string): string {
    const type = this.#merged(unwrap(element));
    const text = this.#type(type, column, indent);
    const compound = (ts.isUnionTypeNode(type) || ts.isIntersectionTypeNode(type)) && /[|&]/.test(text);
    return compound ? `(${text})[]` : `${text}[]`;
  }

  #reference(type: ts.TypeReferenceNode, column: number, indent: string): string {
    const name = nameOf(type.typeName);
    const [first, second] = type.typeArguments ?? [];
    if (name === 'Record') return `{ [key: string]: ${this.#type(second, column + 17, indent)} }`;
    if (first === undefined) return this.options.reference(name);
    const helper = this.#helper(name);
    return `${helper}<${[first, second].flatMap((argument) => (argument === undefined ? [] : [this.#type(argument, column, indent)])).join(', ')}>`;
  }

  #helper(name: string): string {
    const known = HELPERS[name];
    if (known === undefined) throw new Error(`Expected a type that openapi-typescript is known to make, found ${name}`);
    let local = name;
    while (this.options.declared.has(local)) local += '_';
    if (local !== name || !known.global) this.#helpers.set(name, `type ${local}${known.body};`);
    return local;
  }
}

const HELPERS: Readonly<Record<string, { readonly global: boolean; readonly body: string }>> = {
  Omit: { global: true, body: '<T, K extends PropertyKey> = { [P in keyof T as P extends K ? never : P]: T[P] }' },
  WithRequired: { global: false, body: '<T, K extends keyof T> = T & { [P in K]-?: T[P] }' },
};

/** Joins a start with a type. A type that begins on the next line leaves no space at the end of this line. */
function joined(start: string, type: string): string {
  return type.startsWith('\n') ? start.trimEnd() + type : start + type;
}

function unwrap(node: ts.TypeNode): ts.TypeNode {
  return ts.isParenthesizedTypeNode(node) ? unwrap(node.type) : node;
}

function typeOf(member: ts.TypeElement): ts.TypeNode | undefined {
  return ts.isPropertySignature(member) || ts.isIndexSignatureDeclaration(member) ? member.type : undefined;
}

function nameOf(name: ts.PropertyName | ts.EntityName | undefined): string {
  if (name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name))) return name.text;
  throw new Error('Expected a plain name in the output of openapi-typescript');
}

/** Returns `X` of `components["schemas"]["X"]`. */
function schemaOf(node: ts.TypeNode): string | undefined {
  if (!ts.isIndexedAccessTypeNode(node) || !ts.isIndexedAccessTypeNode(node.objectType)) return undefined;
  const index = node.indexType;
  return ts.isLiteralTypeNode(index) && ts.isStringLiteral(index.literal) ? index.literal.text : undefined;
}

const KEYWORDS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.StringKeyword, 'string'],
  [ts.SyntaxKind.NumberKeyword, 'number'],
  [ts.SyntaxKind.BooleanKeyword, 'boolean'],
  [ts.SyntaxKind.UnknownKeyword, 'unknown'],
  [ts.SyntaxKind.UndefinedKeyword, 'undefined'],
  [ts.SyntaxKind.NeverKeyword, 'never'],
]);

function simple(node: ts.TypeNode): string {
  const keyword = KEYWORDS.get(node.kind);
  if (keyword !== undefined) return keyword;
  // openapi-typescript writes a string literal as an identifier that contains JSON.
  const value: ts.Node = ts.isLiteralTypeNode(node) ? node.literal : node;
  if (ts.isIdentifier(value)) return isIdentifier(value.text) ? value.text : stringLiteral(String(JSON.parse(value.text)));
  if (ts.isStringLiteral(value)) return stringLiteral(value.text);
  if (ts.isNumericLiteral(value)) return value.text;
  if (ts.isPrefixUnaryExpression(value) && ts.isNumericLiteral(value.operand)) return `-${value.operand.text}`;
  if (value.kind === ts.SyntaxKind.TrueKeyword) return 'true';
  if (value.kind === ts.SyntaxKind.FalseKeyword) return 'false';
  if (value.kind === ts.SyntaxKind.NullKeyword) return 'null';
  throw new Error(`Expected a type that openapi-typescript is known to make, found ${ts.SyntaxKind[value.kind]}`);
}
