import { alertRulesFile, RULES_FILE } from './alert-rules-file.js';
import { alertTestsFile, RULES_TEST_FILE } from './alert-tests.js';
import { dashboard } from './dashboard/dashboard.js';
import type { OpsPlan } from './service-plan.js';

const DASHBOARD_FILE = 'grafana-dashboard.json';

/** Returns text by file name. The same plan gives the same bytes. */
export function opsFiles(plan: OpsPlan): ReadonlyMap<string, string> {
  return new Map([
    [DASHBOARD_FILE, `${JSON.stringify(dashboard(plan), null, 2)}\n`],
    [RULES_FILE, alertRulesFile(plan)],
    [RULES_TEST_FILE, alertTestsFile(plan)],
  ]);
}
