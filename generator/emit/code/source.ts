import {
  type ImportDeclarationStructure,
  IndentationText,
  NewLineKind,
  Project,
  QuoteKind,
  type StatementStructures,
  StructureKind,
} from 'ts-morph';

/** What a file consists of, from top to bottom. */
export interface Source {
  readonly header: string;
  readonly imports?: readonly ImportDeclarationStructure[];
  readonly statements?: readonly StatementStructures[];
  /** Declarations as text, already formatted; a blank line goes between them. */
  readonly declarations?: readonly string[];
}

/**
 * One source file, written in a single pass: ts-morph parses a file again at each later change, which makes adding members one by one
 * quadratic.
 */
export function sourceText({ header, imports = [], statements = [], declarations = [] }: Source): string {
  project ??= new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    manipulationSettings: {
      indentationText: IndentationText.TwoSpaces,
      newLineKind: NewLineKind.LineFeed,
      quoteKind: QuoteKind.Single,
    },
  });
  const text = declarations.map((declaration) => `\n${declaration}`).join('\n');
  const structure = {
    kind: StructureKind.SourceFile,
    statements: [header, ...imports, ...statements, ...(text === '' ? [] : [text])],
  } as const;
  const file = project.createSourceFile('file.ts', { ...structure, statements: [...structure.statements] }, { overwrite: true });
  const written = file.getFullText();
  file.forget();
  return written.endsWith('\n') ? written : `${written}\n`;
}

/** Kept: making one costs more than a file does. Every file is forgotten once it is printed. */
let project: Project | undefined;
