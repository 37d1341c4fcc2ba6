import { RESERVED_NAMESPACES } from './reserved.js';
import { isVerb } from './verbs.js';
import { camelCase, identifier, isVersion, sameWord, words } from './words.js';

/** Returns a namespace name made of these words. Undefined if the list is empty. */
export function namespaceName(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : safeNamespace(plainNamespace(parts));
}

/** Returns the name that these words would have if the client reserved none. */
export function plainNamespace(parts: readonly string[]): string {
  return identifier(camelCase(parts));
}

/** Adds `Api` to names that the client itself uses. */
export function safeNamespace(name: string): string {
  return RESERVED_NAMESPACES.has(name.toLowerCase()) ? `${name}Api` : name;
}

/** Returns `ContactsApi` for `contacts`, and `CallApi` (not `CallApiApi`) for `callApi`. */
export function className(namespace: string): string {
  const name = namespace.charAt(0).toUpperCase() + namespace.slice(1);
  return name.endsWith('Api') ? name : `${name}Api`;
}

/**
 * Names documents of one set after their files, without the words that all file names begin or end with.
 *
 * @example stemNames(['tsg_alerts_v3', 'tsg_mail_v3']) // [['alerts'], ['mail']]
 */
export function stemNames(stems: readonly string[]): string[][] {
  let lists = stems.map(words);
  if (lists.length < 2) return lists;
  const first = (list: string[]): string | undefined => list[0];
  const last = (list: string[]): string | undefined => list.at(-1);
  for (const [end, cut] of [
    [first, (list: string[]) => list.slice(1)],
    [last, (list: string[]) => list.slice(0, -1)],
  ] as const) {
    for (;;) {
      const shared = end(lists[0] ?? []);
      if (shared === undefined || !lists.every((list) => list.length > 1 && end(list) === shared)) break;
      lists = lists.map(cut);
    }
  }
  return lists;
}

/** Returns the words of a path's first fixed step that is not a version, without a leading verb: `/v2/create-web-call` -> `web call`. */
export function pathWords(path: string): string[] {
  for (const step of path.split('/')) {
    if (step === '' || step.includes('{')) continue;
    const all = words(step);
    if (all.length === 0 || (all.length === 1 && (isVersion(all[0] ?? '') || all[0] === 'api'))) continue;
    return all.length > 1 && isVerb(all[0] ?? '') ? all.slice(1) : all;
  }
  return [];
}

/** Merges names that differ only in singular and plural into the plural: `get-agent`, `list-agents` -> `agents`. */
export function mergePlurals(names: readonly (readonly string[])[]): Map<string, readonly string[]> {
  const merged = new Map<string, readonly string[]>();
  const chosen: (readonly string[])[] = [];
  for (const name of [...names].sort((a, b) => b.join(' ').length - a.join(' ').length || (a.join(' ') < b.join(' ') ? -1 : 1))) {
    const same = chosen.find(
      (other) =>
        other.length === name.length &&
        other.every((word, index) => (index === name.length - 1 ? sameWord(word, name[index] ?? '') : word === name[index])),
    );
    if (same === undefined) chosen.push(name);
    merged.set(name.join(' '), same ?? name);
  }
  return merged;
}
