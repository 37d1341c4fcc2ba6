import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../clock.js';
import { givenClock, givenName, givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import type { TokenStore } from '../store.js';
import { storedTokens, type Tokens, tokensJson } from '../tokens.js';
import { takeClaim } from './file-claims.js';

/** The options of `fileTokens`. */
export interface FileTokensOptions {
  /** Holds one file for each account. It is made if it does not exist, readable for its owner only. */
  readonly folder: string;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

const KNOWN = namesOf<FileTokensOptions>({ folder: 1, clock: 1 });

/** Characters of an account's name that stay readable in the name of its file. */
const READABLE = 40;

/**
 * Keeps tokens in files, for the processes of one machine. A file is written beside the old one, flushed, and then put in its place, so a process that is
 * killed leaves the old tokens or the new ones. One process renews at a time. A process that was killed in between holds up nobody.
 *
 * @throws {ConfigurationError} if an option cannot work.
 *
 * @example
 * const store = fileTokens({ folder: '/var/lib/bot/tokens' });
 */
export function fileTokens(options: FileTokensOptions): TokenStore {
  refuseUnknown('fileTokens', givenObject('options of fileTokens', options), KNOWN);
  const folder = givenName('folder', options.folder);
  const clock = givenClock('clock', options.clock ?? systemClock);
  return {
    load: (account) => read(folder, account),
    save: (account, tokens) => write(folder, account, tokens),
    async lock(account, leaseMs) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return takeClaim(folder, fileOf(account), leaseMs, clock);
    },
  };
}

/** Names of files do not tell upper from lower case everywhere, so the hash tells accounts apart. */
function fileOf(account: string): string {
  const readable = account.replace(/[^\w-]+/g, '_').slice(0, READABLE) || 'tokens';
  return `${readable}-${createHash('sha256').update(account).digest('hex').slice(0, 32)}`;
}

async function read(folder: string, account: string): Promise<Tokens | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, `${fileOf(account)}.json`), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { account: owner, tokens } = parsed(text);
  if (owner !== account) throw new TypeError('expected a file with the tokens of the account');
  return storedTokens(tokens);
}

const A_FILE = 'a file of JSON with tokens';

function parsed(text: string): { readonly account?: unknown; readonly tokens?: unknown } {
  const value = tokensJson(text, A_FILE);
  if (typeof value === 'object' && value !== null) return value;
  throw new TypeError(`expected ${A_FILE}`);
}

async function write(folder: string, account: string, tokens: Tokens): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const name = fileOf(account);
  const draft = join(folder, `${name}.draft.${randomUUID()}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify({ account, tokens }));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, join(folder, `${name}.json`));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await flush(folder);
  await removeDrafts(folder, name);
}

/** Makes the new name safe as well. Not every system can flush a folder. */
async function flush(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The contents are safe.
  }
}

/** Drafts hold tokens, and a process that was killed leaves one. */
async function removeDrafts(folder: string, name: string): Promise<void> {
  for (const file of await readdir(folder)) if (file.startsWith(`${name}.draft.`)) await rm(join(folder, file), { force: true });
}
