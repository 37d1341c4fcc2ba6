import {
  type ImportDeclarationStructure,
  IndentationText,
  NewLineKind,
  Project,
  QuoteKind,
  type StatementStructures,
  StructureKind,
} from 'ts-morph';

/** The content of a file, from top to bottom. */
export interface Source {
  readonly header: string;
  readonly imports?: readonly ImportDeclarationStructure[];
  readonly statements?: readonly StatementStructures[];
  /** Formatted declarations. A blank line separates them. */
  readonly declarations?: readonly string[];
}

/**
 * Writes one source file in a single pass. ts-morph parses a file again after each change, so adding members one by one takes quadratic
 * time.
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

/** Reused, because a project costs more than a file. Every file is forgotten after it is printed. */
let project: Project | undefined;
