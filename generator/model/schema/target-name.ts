import type { Cursor } from '../../read/cursor.js';
import { isIdentifier, pascalCase, words } from '../names/words.js';

/** Steps of a path that name the place of a schema, not its content. */
const SKIPPED = new Set([
  'components',
  'schemas',
  'properties',
  'content',
  'schema',
  'definitions',
  '$defs',
  'responses',
  'requestBodies',
  'parameters',
  'paths',
]);

/** Returns the type name that a schema's place suggests: `Contact` for `#/components/schemas/Contact`. */
export function targetName(at: Cursor): string {
  const [first, second, name, ...inner] = at.path;
  if (first === 'components' && second === 'schemas' && name !== undefined) return typeName([name, ...inner]);
  if (first === undefined) return typeName([at.document.stem]);
  const steps = at.path.filter((step) => !SKIPPED.has(step) && !step.includes('/'));
  const base = typeName(steps.length === 0 ? [at.document.stem] : steps);
  const kind = second === 'requestBodies' ? 'Body' : second === 'responses' ? 'Response' : '';
  return /(Body|Response|Error|Result)$/.test(base) ? base : base + kind;
}

/** Makes an identifier in PascalCase. Names that are identifiers already stay unchanged. */
export function typeName(steps: readonly string[]): string {
  const kept = steps.filter((step) => !SKIPPED.has(step));
  const name = kept
    .map((step) => (isIdentifier(step) && /^\p{L}/u.test(step) ? step.charAt(0).toUpperCase() + step.slice(1) : pascalCase(words(step))))
    .join('');
  if (name === '') return 'Schema';
  return /^[\p{L}]/u.test(name) ? name : `Schema${name}`;
}
