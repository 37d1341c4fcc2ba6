import ts from 'typescript';

/** A place where the runtime calls a function of the user's without the door, or loses sight of it. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What is looked at. Paths are absolute, as the program has them. */
export interface House {
  /** Modules that users import. */
  readonly entries: readonly string[];
  /** Files of the runtime. Declarations elsewhere, such as those of a library, are not the user's. */
  readonly files: readonly string[];
  /** The file that may call the user's functions. */
  readonly door: string;
  /** Interfaces, types and methods (`Class.method`) whose functions are called directly. */
  readonly exempt?: readonly string[];
  /** Types besides those of the public API that hold a user's function. */
  readonly also?: readonly string[];
}

/** The functions by which the user's code is sealed. */
const SEALS = ['userFunction', 'userObject'];

/**
 * Finds calls of the user's functions outside the door.
 *
 * The user's functions are in the parameters of exported functions, constructors and methods: a parameter itself, the members of its type, and
 * what these functions return. Such a function can be sealed, tested, and handed on under its own type. A call of one is a finding. So is a
 * place that takes one under another type, because a call of it there would not be recognized.
 */
export function outsideTheDoor(program: ts.Program, { entries, files, door, exempt = [], also = [] }: House): readonly Finding[] {
  const checker = program.getTypeChecker();
  const known = new Set(files);
  const users = new UsersCode(checker, known, exempt);
  for (const entry of entries) users.takeModule(program.getSourceFile(entry));
  for (const file of files) users.takeTypes(program.getSourceFile(file), also);
  const findings: Finding[] = [];
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source === undefined || file === door) continue;
    const visit = (node: ts.Node): void => {
      if ((ts.isCallExpression(node) && users.isUsers(node.expression)) || users.leaves(node)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        findings.push({ file, line: line + 1, text: node.getText().replace(/\s+/g, ' ').slice(0, 120) });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return findings;
}

/** Knows the declarations of the user's functions, and recognizes expressions that have one as their value. */
class UsersCode {
  readonly #checker: ts.TypeChecker;
  readonly #known: ReadonlySet<string>;
  readonly #exempt: readonly string[];
  readonly #declarations = new Set<ts.Node>();
  /** Object types with a method of the user's. */
  readonly #owners = new Set<ts.Symbol>();
  readonly #seen = new Set<ts.Type>();

  constructor(checker: ts.TypeChecker, known: ReadonlySet<string>, exempt: readonly string[]) {
    this.#checker = checker;
    this.#known = known;
    this.#exempt = exempt;
  }

  /** Takes the parameters of everything that a module exports and somebody can call. */
  takeModule(source: ts.SourceFile | undefined): void {
    const checker = this.#checker;
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    for (const exported of module === undefined ? [] : checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      if ((symbol.flags & ts.SymbolFlags.Value) === 0) continue;
      const type = checker.getTypeOfSymbol(symbol);
      const instance = symbol.flags & ts.SymbolFlags.Class ? checker.getDeclaredTypeOfSymbol(symbol).getProperties() : [];
      const members = [...type.getProperties(), ...instance].filter(({ declarations = [] }) =>
        declarations.every((declaration) => this.#isOurs(declaration) && !isPrivate(declaration)),
      );
      const callable = [type, ...members.map((member) => checker.getTypeOfSymbol(member))].flatMap((each) => each.getCallSignatures());
      // Of a class that is exported as a type, users make no object.
      const constructors = isTypeOnly(exported) ? [] : type.getConstructSignatures();
      for (const signature of [...callable, ...constructors]) {
        if (!this.#isOurs(signature.declaration) || isInternal(signature.declaration)) continue;
        for (const parameter of signature.getParameters()) this.#take(checker.getTypeOfSymbol(parameter));
      }
    }
  }

  /** Takes the types of these names that a file declares. */
  takeTypes(source: ts.SourceFile | undefined, names: readonly string[]): void {
    for (const node of source?.statements ?? [])
      if ((ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) && names.includes(node.name.text))
        this.#take(this.#checker.getTypeAtLocation(node.name));
  }

  isUsers(expression: ts.Expression): boolean {
    return this.#has(this.#checker.getTypeAtLocation(expression)) || partsOf(expression).some((part) => this.isUsers(part));
  }

  /** Whether a user's function, or an object with one, is taken here under a type that does not say so. */
  leaves(node: ts.Node): boolean {
    if (ts.isShorthandPropertyAssignment(node)) {
      const taken = this.#checker.getContextualType(node.parent)?.getProperty(node.name.text);
      return taken !== undefined && this.#hides(node.name, this.#checker.getTypeOfSymbol(taken));
    }
    if (!isValue(node) || isSealed(node) || isTakenApart(node)) return false;
    const taken = ts.isAsExpression(node.parent) ? this.#checker.getTypeAtLocation(node.parent) : this.#checker.getContextualType(node);
    return taken !== undefined && this.#hides(node, taken);
  }

  #hides(node: ts.Expression, taken: ts.Type): boolean {
    const declared = declarationsOf(taken);
    if (declared.length > 0) return !this.#has(taken) && this.isUsers(node);
    // An object that is handed to a library is called there, within a call of ours.
    if (taken.symbol?.declarations?.every((one) => !this.#isOurs(one)) === true) return false;
    const given = this.#checker.getNonNullableType(this.#checker.getTypeAtLocation(node));
    if (!this.#owners.has(given.symbol) || taken.symbol === given.symbol) return false;
    return taken.getProperties().some((property) => {
      const [wanted, own] = [property, given.getProperty(property.name)].map((each) => each && this.#checker.getTypeOfSymbol(each));
      return wanted !== undefined && own !== undefined && this.#has(own) && declarationsOf(wanted).length > 0 && !this.#has(wanted);
    });
  }

  #has(type: ts.Type): boolean {
    return declarationsOf(type).some((declaration) => this.#declarations.has(declaration));
  }

  #take(type: ts.Type): void {
    if (this.#seen.has(type)) return;
    this.#seen.add(type);
    const checker = this.#checker;
    const constraint = type.flags & ts.TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(type) : undefined;
    const parts = type.isUnionOrIntersection() ? type.types : constraint === undefined ? [] : [constraint];
    for (const part of parts) this.#take(part);
    const symbol = type.getSymbol();
    // Objects of our classes are ours.
    if (parts.length > 0 || ((symbol?.flags ?? 0) & ts.SymbolFlags.Class && symbol?.declarations?.some((one) => this.#isOurs(one)))) return;
    for (const signature of type.getCallSignatures()) {
      const { declaration } = signature;
      if (declaration !== undefined && this.#isOurs(declaration) && !this.#exempt.includes(nameOf(declaration)))
        this.#declarations.add(declaration);
      this.#take(signature.getReturnType());
    }
    for (const argument of type.flags & ts.TypeFlags.Object ? checker.getTypeArguments(type as ts.TypeReference) : []) this.#take(argument);
    for (const index of checker.getIndexInfosOfType(type)) this.#take(index.type);
    for (const property of type.getProperties()) {
      // Those of a mapped type have no declaration.
      if (property.declarations?.some((one) => this.#isOurs(one)) === false) continue;
      const member = checker.getTypeOfSymbol(property);
      this.#take(member);
      if (symbol !== undefined && this.#has(member)) this.#owners.add(symbol);
    }
  }

  #isOurs(node: ts.Node | undefined): boolean {
    return node !== undefined && this.#known.has(node.getSourceFile().fileName);
  }
}

function declarationsOf(type: ts.Type): readonly ts.Node[] {
  const parts = type.isUnionOrIntersection() ? type.types : [type];
  return parts.flatMap((part) => part.getCallSignatures().flatMap(({ declaration }) => declaration ?? []));
}

/** Expressions whose value this one can have. Its type does not always tell: a default can take the place of the user's type. */
function partsOf(expression: ts.Expression): readonly ts.Expression[] {
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression) || ts.isNonNullExpression(expression))
    return [expression.expression];
  if (ts.isConditionalExpression(expression)) return [expression.whenTrue, expression.whenFalse];
  const isChoice = ts.isBinaryExpression(expression) && ['??', '||'].includes(expression.operatorToken.getText());
  return isChoice ? [expression.left, expression.right] : [];
}

function isValue(node: ts.Node): node is ts.Expression {
  return (
    ts.isIdentifier(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isBinaryExpression(node) ||
    ts.isConditionalExpression(node) ||
    ts.isCallExpression(node) ||
    ts.isAsExpression(node)
  );
}

function isSealed({ parent }: ts.Node): boolean {
  if (ts.isAsExpression(parent) || ts.isBinaryExpression(parent)) return isSealed(parent);
  return ts.isCallExpression(parent) && ts.isIdentifier(parent.expression) && SEALS.includes(parent.expression.text);
}

/** `const { random = Math.random } = options`: the pattern gives `options` a type of its own. */
function isTakenApart({ parent }: ts.Node): boolean {
  return ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name) && parent.type === undefined;
}

function isTypeOnly({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((one) => ts.isExportSpecifier(one) && (one.isTypeOnly || one.parent.parent.isTypeOnly));
}

function isPrivate(node: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(node);
  return (name !== undefined && ts.isPrivateIdentifier(name)) || (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
}

function isInternal(node: ts.Node | undefined): boolean {
  return node !== undefined && ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
}

/** Name of the interface or type, or of the class and its method, that a signature is declared in. */
function nameOf(declaration: ts.Node): string {
  let method = '';
  for (let node: ts.Node | undefined = declaration; node !== undefined; node = node.parent) {
    if (ts.isMethodDeclaration(node)) method = `.${node.name.getText()}`;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return node.name.text;
    if (ts.isClassDeclaration(node)) return `${node.name?.text}${method}`;
  }
  return '';
}
