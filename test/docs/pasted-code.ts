import ts from 'typescript';

const SIGNALS: ReadonlySet<string> = new Set(['SIGTERM', 'SIGINT', 'SIGHUP']);
const LISTENERS: ReadonlySet<string> = new Set(['on', 'once', 'addListener', 'prependListener', 'prependOnceListener']);
/** The one form in which a handler lets the process end and leaves the others their time. */
const ENDS = /setTimeout\(\(\) => process\.exit\(\), [\d_]+\)\.unref\(\)/;

/**
 * What is wrong with code that is copied into a program:
 *
 * - `using` disposes at the end of its block, so a setup of a process is over when the module or function ends. It is right for a permit and
 *   for a client, inside a function. At the top of a file it is a syntax error in JavaScript on Node 20 and 22.
 * - A handler of a signal replaces the default, which ends the process. So the handler must end it.
 */
export function faultsOf(code: string): readonly string[] {
  const faults: string[] = [];
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node, inFunction: boolean): void => {
    if (ts.isVariableDeclarationList(node) && isUsing(node) && !(inFunction && node.declarations.every(isScoped)))
      faults.push(`\`${node.getText()}\`: \`using\` is for a permit or a client inside a function`);
    if (ts.isCallExpression(node) && isSignalHandler(node)) {
      const text = node.getText();
      if (!text.startsWith('process.once(')) faults.push(`\`${text}\`: a second signal must end the process, use \`once\``);
      if (!ENDS.test(text)) faults.push(`\`${text}\`: the process does not end`);
    }
    ts.forEachChild(node, (child) => visit(child, inFunction || ts.isFunctionLike(node)));
  };
  visit(source, false);
  return faults;
}

/** Does the code handle `SIGTERM`? */
export function handlesSigterm(code: string): boolean {
  return code.includes("'SIGTERM'");
}

function isUsing({ flags }: ts.VariableDeclarationList): boolean {
  const kind = flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing;
}

/** Whether it is a permit or a client: things that a function can have for itself. */
function isScoped({ initializer }: ts.VariableDeclaration): boolean {
  return /\.acquire\(|^new \w+Client\(/.test(initializer?.getText() ?? '');
}

function isSignalHandler({ expression, arguments: [signal] }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression) || expression.expression.getText() !== 'process') return false;
  return LISTENERS.has(expression.name.text) && signal !== undefined && ts.isStringLiteral(signal) && SIGNALS.has(signal.text);
}
