import { type ExportDeclarationStructure, StructureKind } from 'ts-morph';
import { memberName } from '../code/escape.js';
import { sourceText } from '../code/source.js';
import type { EmitContext } from '../context.js';

/** Writes `index.ts`: the exports of the service's folder. Mocks are not among them, because they need msw. */
export function emitIndex(context: EmitContext): string {
  const all = (moduleSpecifier: string, isTypeOnly = false): ExportDeclarationStructure => ({
    kind: StructureKind.ExportDeclaration,
    moduleSpecifier,
    isTypeOnly,
  });
  return sourceText({
    header: context.header,
    statements: [
      all('./client.js'),
      all('./config.js'),
      ...context.model.namespaces.map(({ name }) => all(`./namespaces/${memberName(name)}.js`)),
      all('./operations.js'),
      all('./types.js', true),
    ],
  });
}
