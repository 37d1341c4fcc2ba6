import type { Plan } from './measure.js';
import type { Report } from './report.js';

/** Set by the main program for the section's process. */
export const QUICK = process.env['FUSELINE_BENCH_QUICK'] === '1';

/** Rounds of a comparison, shortened by `--quick`. */
export function plan(full: Plan, quick: Plan): Plan {
  return QUICK ? quick : full;
}

/** Hands the section's report to the main program: the last thing a section does. */
export function hand(report: Report): void {
  process.stdout.write(JSON.stringify(report));
}
