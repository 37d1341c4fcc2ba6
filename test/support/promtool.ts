import { spawnSync } from 'node:child_process';
import { hasTool } from './debian-tool.js';

/** For `describe.skipIf`. */
export const NO_PROMTOOL = !hasTool('promtool', 'prometheus');

/** What promtool said, and its exit code. */
export function promtool(args: readonly string[], input?: string): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { code: status, output: stdout + stderr };
}
