import { RESERVED_METHODS } from './reserved.js';
import { isVerb } from './verbs.js';
import { camelCase, identifier, isVersion, sameWord, words } from './words.js';

/** A method name that ends in one of these words reads as incomplete: `addContactTo`. */
const PREPOSITIONS = new Set([
  'at',
  'by',
  'for',
  'from',
  'in',
  'into',
  'of',
  'on',
  'onto',
  'to',
  'via',
  'with',
  'within',
  'without',
  'per',
]);

/**
 * Returns a method name: the words of the operationId without the words of the namespace, in singular or plural.
 *
 * @returns undefined if no word remains
 * @example shortName('listContactNotes', 'contacts') // 'listNotes'
 */
export function shortName(operationId: string, namespace: string): string | undefined {
  const all = words(operationId);
  for (const run of runs(words(namespace))) {
    const rest = without(all, run);
    if (rest !== undefined) return rest.length === 0 ? undefined : methodName(rest);
  }
  return methodName(all);
}

/** Returns the whole operationId as a method name. */
export function fullName(operationId: string): string | undefined {
  return methodName(words(operationId));
}

/** Returns a safe method name made of these words. Undefined if the list is empty. */
export function methodName(parts: readonly string[]): string | undefined {
  if (parts.length === 0) return undefined;
  return safeMethod(identifier(camelCase(parts)));
}

/** Adds an underscore to names that have a meaning on every object. */
export function safeMethod(name: string): string {
  return RESERVED_METHODS.has(name) ? `${name}_` : name;
}

/** Returns the namespace's words without a version and a final "api", then ever shorter ends of them: `mc contacts`, `contacts`. */
function runs(namespace: readonly string[]): string[][] {
  const plain = namespace.filter((word) => !isVersion(word)).map((word) => word.replace(/(?<=\p{L}{2})\d+$/u, ''));
  if (plain.length > 1 && plain.at(-1) === 'api') plain.pop();
  const found = [[...namespace]];
  for (let from = 0; from < plain.length; from += 1) found.push(plain.slice(from));
  return found.filter((run) => run.length > 0);
}

function without(all: readonly string[], run: readonly string[]): string[] | undefined {
  const rest: string[] = [];
  let removed = false;
  for (let at = 0; at < all.length; ) {
    // The `list` of `listContacts` is a verb, even in the namespace `lists`.
    const verb = at === 0 && all.length > run.length && isVerb(all[0] ?? '');
    const here = !verb && run.every((word, index) => sameWord(word, all[at + index] ?? ''));
    if (here && !leavesPreposition(rest, all.length - at - run.length)) {
      removed = true;
      at += run.length;
    } else {
      rest.push(all[at] ?? '');
      at += 1;
    }
  }
  return removed ? rest : undefined;
}

function leavesPreposition(before: readonly string[], wordsAfter: number): boolean {
  return wordsAfter === 0 && PREPOSITIONS.has(before.at(-1) ?? '');
}

/** Makes an operationId for an operation without one: `GET /contacts/{contactId}/notes` -> `getContactsNotesByContactId`. */
export function idFromPath(method: string, path: string): string {
  const steps = path.split('/').filter((step) => step !== '');
  const fixed = steps
    .filter((step) => !step.includes('{'))
    .flatMap(words)
    .filter((word) => !isVersion(word));
  const last = steps.at(-1) ?? '';
  const by = last.includes('{') ? ['by', ...words(last)] : [];
  return camelCase([method.toLowerCase(), ...fixed, ...by]);
}
