import { readFileSync, writeFileSync } from 'node:fs';

/** What came of one file. */
export interface Score {
  readonly file: string;
  readonly mutants: number;
  readonly killed: number;
  /** Justified in place, by a comment that says why no test can tell them from the code. */
  readonly ignored: number;
  readonly date: string;
}

/** Stryker's JSON report, as far as it matters here. */
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

const KILLED: ReadonlySet<string> = new Set(['Killed', 'Timeout']);
/** Mutants that do not compile prove nothing. */
const VOID: ReadonlySet<string> = new Set(['CompileError', 'Pending']);

export function scoresOf(reportFile: string, date: string): readonly Score[] {
  const { files } = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  return Object.entries(files).map(([file, { mutants }]) => {
    const ignored = mutants.filter(({ status }) => status === 'Ignored').length;
    const tried = mutants.filter(({ status }) => status !== 'Ignored' && !VOID.has(status));
    return { file, mutants: tried.length, killed: tried.filter(({ status }) => KILLED.has(status)).length, ignored, date };
  });
}

const BEGIN = '<!-- scores: written by npm run mutate -->';
const END = '<!-- end of scores -->';
const ROW = /^\| `(?<file>[^`]+)` \| (?<mutants>\d+) \| (?<killed>\d+) \| (?<ignored>\d+) \| [\d.]+ \| (?<date>\S+) \|$/;

/**
 * Puts scores in place of the old ones of the same files, and takes these files off the list of those without a score. Scores of other files stay, but
 * only of `files`: what is mutated.
 */
export function updateTable(page: string, scores: readonly Score[], files: readonly string[]): void {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const [old, after] = rest?.split(END) ?? [];
  if (before === undefined || old === undefined || after === undefined) throw new Error(`${page} has no place for the scores`);
  const rows = new Map<string, Score>();
  for (const line of old.split('\n')) {
    const { file, mutants, killed, ignored, date } = ROW.exec(line)?.groups ?? {};
    if (file !== undefined && date !== undefined)
      rows.set(file, { file, date, mutants: Number(mutants), killed: Number(killed), ignored: Number(ignored) });
  }
  for (const score of scores) rows.set(score.file, score);
  const table = [...rows.values()]
    .filter(({ file }) => files.includes(file))
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(row);
  const head = ['| file | mutants | killed | justified | score | date |', '|---|---|---|---|---|---|'];
  const measured = new Set(scores.map(({ file }) => `- \`${file}\``));
  const list = after.split('\n').filter((line) => !measured.has(line));
  writeFileSync(page, `${before}${BEGIN}\n\n${[...head, ...table].join('\n')}\n\n${END}${list.join('\n')}`);
}

function row({ file, mutants, killed, ignored, date }: Score): string {
  const score = mutants === 0 ? 100 : (killed / mutants) * 100;
  return `| \`${file}\` | ${mutants} | ${killed} | ${ignored} | ${score.toFixed(1)} | ${date} |`;
}
