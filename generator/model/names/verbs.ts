const VERBS: ReadonlySet<string> = new Set(
  'add bulk cancel clone complete create delete end export fetch find get import list patch post publish put register remove search send set start stop update upsert'.split(
    ' ',
  ),
);

/** Words that say what an operation does, wherever APIs put one first. */
export function isVerb(word: string): boolean {
  return VERBS.has(word);
}
