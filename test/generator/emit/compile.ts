import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The files on disk that generated ones import, and the libraries: parsed once for all calls. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Type errors of generated files, as a strict project of a user's sees them. Files are below `test/` for the compiler, and nowhere on disk. */
export function typeErrors(files: ReadonlyMap<string, string>): string[] {
  const folder = join(root, 'test', '.virtual');
  const texts = new Map([...files].map(([path, text]) => [join(folder, path).replaceAll('\\', '/'), text]));
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const host = ts.createCompilerHost({ ...options, skipLibCheck: true });
  const { getSourceFile, fileExists, readFile, directoryExists } = host;
  host.getSourceFile = (name, ...rest) => {
    const text = texts.get(name);
    const [target] = rest;
    if (text === undefined) {
      if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, target));
      return parsed.get(name);
    }
    return ts.createSourceFile(name, text, target, true);
  };
  host.fileExists = (name) => texts.has(name) || fileExists.call(host, name);
  host.readFile = (name) => texts.get(name) ?? readFile.call(host, name);
  host.directoryExists = (name) => name.includes('/.virtual') || (directoryExists?.call(host, name) ?? true);
  const names = [...texts.keys()].filter((name) => name.endsWith('.ts'));
  const program = ts.createProgram(names, { ...options, noEmit: true }, host);
  return names.flatMap((name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((found) => {
      const { line } = ts.getLineAndCharacterOfPosition(found.file ?? ({ text: '' } as ts.SourceFile), found.start ?? 0);
      return `${name.slice(folder.length + 1)}:${line + 1} ${ts.flattenDiagnosticMessageText(found.messageText, ' ').slice(0, 300)}`;
    });
  });
}
