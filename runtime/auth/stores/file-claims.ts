import { createHash, randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../clock.js';
import type { Unlock } from '../store.js';

/**
 * Takes a lock that is made of files. Each process that wants it writes a claim: a file of its own that did not exist before (`O_EXCL`), whose name says
 * until when, and by which process. The lock is had by who then finds no other claim that counts. Of two that write at the same time at least one finds
 * the other, and gives way.
 *
 * A claim that has ended, or whose process does not live, does not count, and anyone can delete it: names are used once, so nobody can delete the claim of
 * someone else in its place.
 */
export async function takeClaim(folder: string, name: string, leaseMs: number, clock: Clock): Promise<Unlock | undefined> {
  if (await isClaimed(folder, name, undefined, clock)) return undefined;
  const own = `${name}.claim.${Math.ceil(clock.wallNow() + leaseMs)}.${process.pid}.${machine()}.${randomUUID()}`;
  const remove = (): Promise<void> => rm(join(folder, own), { force: true });
  await writeFile(join(folder, own), '', { flag: 'wx', mode: 0o600 });
  let claimed = true;
  try {
    claimed = await isClaimed(folder, name, own, clock);
  } finally {
    if (claimed) await remove();
  }
  return claimed ? undefined : remove;
}

/** Whether a claim counts, other than `own`. Deletes those that do not. */
async function isClaimed(folder: string, name: string, own: string | undefined, clock: Clock): Promise<boolean> {
  const start = `${name}.claim.`;
  let claimed = false;
  for (const file of await readdir(folder)) {
    if (!file.startsWith(start) || file === own) continue;
    const [until = '', pid = '', host = ''] = file.slice(start.length).split('.');
    if (Number(until) > clock.wallNow() && (host !== machine() || isAlive(Number(pid)))) claimed = true;
    else await rm(join(folder, file), { force: true });
  }
  return claimed;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive as well.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

let known: string | undefined;

/** Names the machine and, within it, the container: a number of a process says something there only. */
function machine(): string {
  if (known !== undefined) return known;
  let space = '';
  try {
    space = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not on Linux: there are no such containers.
  }
  known = createHash('sha256').update(`${hostname()}\n${space}`).digest('hex').slice(0, 16);
  return known;
}
