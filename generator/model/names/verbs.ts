const VERBS: ReadonlySet<string> = new Set(
  'add bulk cancel clone complete create delete end export fetch find get import list patch post publish put register remove search send set start stop update upsert'.split(
    ' ',
  ),
);

/** Returns true for verbs that APIs put first in an operation's name. */
export function isVerb(word: string): boolean {
  return VERBS.has(word);
}
