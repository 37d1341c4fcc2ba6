/**
 * `npm run page`: makes one module of the dashboard's page, `runtime/operate/dashboard/page.generated.ts`, from the files of
 * `runtime/operate/dashboard/page`. It is committed, so that neither who uses the package nor who works on it needs a build; a test compares it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'runtime/operate/dashboard/page');
const STYLES = ['base', 'frame', 'banner', 'controls', 'table', 'charts', 'detail', 'timeline', 'dialog', 'sizes'].map(
  (name) => `${name}.css`,
);

/** The text of the module. @throws {Error} where two files of the page give one name to two things, or import what cannot be in a page. */
export function pageModule(): string {
  const script = scriptOf('main.ts');
  const style = STYLES.map((name) => read(name)).join('');
  const page = read('index.html')
    .replace('/* STYLE */', () => `\n${style}`)
    .replace('/* SCRIPT */', () => `\n${script}`);
  const [, inlineStyle = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  const [, inlineScript = ''] = /<script type="module">(.*?)<\/script>/s.exec(page) ?? [];
  return `// Made by \`npm run page\` from the files in page/. Do not edit.

/** Digests by which the policy of the page allows its script and its style, and no other. */
export const SCRIPT_DIGEST = '${digest(inlineScript)}';
export const STYLE_DIGEST = '${digest(inlineStyle)}';

/** The page. */
export const PAGE: string = \`${page.replace(/[\\`]|\$(?=\{)/g, '\\$&')}\`;
`;
}

/** One script of a module and all that it imports, each file once and after those it imports. */
function scriptOf(entry: string): string {
  const parts: string[] = [];
  const owners = new Map<string, string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`${[...path, name].join(' imports ')}: a circle`);
    if (parts.some((part) => part.startsWith(banner(name)))) return;
    const { outputText } = ts.transpileModule(read(name), {
      fileName: name,
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true, removeComments: true },
    });
    const file = ts.createSourceFile(name, outputText, ts.ScriptTarget.ES2022, true);
    const kept = file.statements.filter((statement) => !ts.isImportDeclaration(statement));
    for (const statement of file.statements) if (ts.isImportDeclaration(statement)) visit(imported(statement, name), [...path, name]);
    for (const owned of kept.flatMap(namesOf)) {
      const other = owners.get(owned);
      if (other !== undefined) throw new Error(`${name} and ${other} both have a top-level '${owned}': they share one scope in the page`);
      owners.set(owned, name);
    }
    parts.push(banner(name) + kept.map((statement) => statement.getText(file).replace(/^export (?:default )?/, '')).join('\n'));
  };
  visit(entry, []);
  const script = parts.join('\n');
  if (script.includes('</script')) throw new Error('the script holds the end of a script');
  return `${script}\n`;
}

function banner(name: string): string {
  return `// ${name}\n`;
}

function imported(statement: ts.ImportDeclaration, from: string): string {
  const { importClause, moduleSpecifier } = statement;
  const target = (moduleSpecifier as ts.StringLiteral).text;
  const bindings = importClause?.namedBindings;
  const plain =
    bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.every(({ propertyName }) => propertyName === undefined);
  if (!plain || importClause?.name !== undefined) throw new Error(`${from}: import names of '${target}' as they are called there`);
  if (!/^\.\/[\w-]+\.js$/.test(target)) throw new Error(`${from} imports '${target}', which is not in the page's folder`);
  return normalize(target).replace(/\.js$/, '.ts');
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))
    return statement.name === undefined ? [] : [statement.name.text];
  return [];
}

function read(name: string): string {
  return readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  writeFileSync(join(root, 'runtime/operate/dashboard/page.generated.ts'), pageModule());
}
