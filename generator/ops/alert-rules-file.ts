import { stringify } from 'yaml';
import { ruleGroups } from './alert-rules.js';
import type { OpsPlan } from './service-plan.js';

/** The name that the other files refer to. */
export const RULES_FILE = 'prometheus-alerts.yaml';

/** Returns the line that names the source of an output. */
export function madeFrom({ file }: OpsPlan, commentMark = '#'): string {
  return `${commentMark} Made by \`fuseline dashboards\` from ${file}. Change that, and run it again.\n`;
}

/** Writes the rule file of Prometheus. */
export function alertRulesFile(plan: OpsPlan): string {
  const text = stringify({ groups: ruleGroups(plan) }, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false });
  return `${madeFrom(plan)}# promtool check rules ${RULES_FILE}\n\n${text}`;
}
