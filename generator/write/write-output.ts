import { lstat, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Diagnostic } from '../../runtime/config/diagnostic.js';
import { applyEdits, type Edits } from './apply.js';
import { hashOf, isOwnPath, MANIFEST, type Manifest, manifestText, readManifest } from './manifest.js';
import { textDiff } from './text-diff.js';

export interface WriteOptions {
  /** The output folder. */
  readonly out: string;
  /** The folder's name in messages. Default: `out`. */
  readonly label?: string;
  /** Text by path relative to `out`, with forward slashes. */
  readonly files: ReadonlyMap<string, string>;
  /** Returns true for own files that stay although `files` lacks them, such as those of services that were not generated. */
  readonly keep?: (path: string) => boolean;
  /** True to compare only. */
  readonly check?: boolean;
}

export type ChangeKind = 'added' | 'changed' | 'removed';

export interface Change {
  readonly kind: ChangeKind;
  /** Relative to the output folder. */
  readonly path: string;
  /** A few lines of unified diff. */
  readonly diff: readonly string[];
}

export interface WriteResult {
  /** In order of path. With errors or `check`: the changes that were not made. */
  readonly changes: readonly Change[];
  readonly unchanged: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Brings the output folder up to date. Compares everything first and changes nothing if there is an error. Leaves equal files untouched.
 * Overwrites and deletes only files of the manifest.
 */
export async function writeOutput(options: WriteOptions): Promise<WriteResult> {
  const { files, keep = () => false, check = false } = options;
  const out = resolve(options.out);
  const label = (options.label ?? options.out).replaceAll('\\', '/').replace(/\/+$/, '');
  const diagnostics: Diagnostic[] = [];
  const error = (path: string, code: string, message: string, hint: string): void =>
    void diagnostics.push({ severity: 'error', code, message, file: `${label}/${path}`, hint });

  const nothing: WriteResult = { changes: [], unchanged: 0, diagnostics };
  let owned: Manifest;
  try {
    owned = await readManifest(out);
  } catch (problem) {
    if (systemCode(problem) !== undefined) return { ...nothing, diagnostics: [systemError(label, 'read', problem)] };
    const told = problem instanceof Error ? problem.message : String(problem);
    error(MANIFEST, 'bad-manifest', told, 'Restore it from version control, or delete the generated folder.');
    return nothing;
  }

  const changes: Change[] = [];
  const manifest = new Map<string, string>();
  let unchanged = 0;
  for (const [path, text] of [...files].sort(byPath)) {
    if (!isOwnPath(path)) throw new Error(`Expected a path within the output folder, found ${JSON.stringify(path)}`);
    manifest.set(path, hashOf(text));
    const found = await current(out, path);
    if (found.kind === 'other') {
      error(
        found.path,
        'in-the-way',
        `\`${found.path}\` is in the way: expected ${found.path === path ? 'a file' : 'a folder'}`,
        'Move or delete it, or choose another folder with --out.',
      );
    } else if (found.kind === 'missing') changes.push({ kind: 'added', path, diff: textDiff('', text, { maxLines: 3 }) });
    else if (sameText(found.text, text)) unchanged += 1;
    else if (owned.has(path)) changes.push({ kind: 'changed', path, diff: textDiff(normal(found.text), text) });
    else {
      error(
        path,
        'foreign-file',
        `\`${path}\` exists and was not written by fuseline (it is not in ${MANIFEST})`,
        'Move or delete it, or choose another folder with --out.',
      );
    }
  }
  for (const [path, hash] of [...owned].sort(byPath)) {
    if (files.has(path)) continue;
    if (keep(path)) manifest.set(path, hash);
    else if ((await current(out, path)).kind === 'file') changes.push({ kind: 'removed', path, diff: [] });
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  const listed = await current(out, MANIFEST);
  const manifestNow = manifestText(manifest);
  const manifestStale = listed.kind !== 'file' || !sameText(listed.text, manifestNow);
  if (check && manifestStale && changes.length === 0) {
    changes.push({
      kind: listed.kind === 'file' ? 'changed' : 'added',
      path: MANIFEST,
      diff: listed.kind === 'file' ? textDiff(normal(listed.text), manifestNow) : [],
    });
  }
  if (!check && diagnostics.length === 0) {
    try {
      await applyEdits(out, editsOf(changes, files, manifestStale ? manifestNow : undefined));
    } catch (problem) {
      if (systemCode(problem) === undefined) throw problem;
      return { ...nothing, diagnostics: [systemError(label, 'write to', problem)] };
    }
  }
  return { changes, unchanged, diagnostics };
}

function editsOf(changes: readonly Change[], files: ReadonlyMap<string, string>, manifest: string | undefined): Edits {
  const removed = changes.filter(({ kind }) => kind === 'removed').map(({ path }) => path);
  const written = changes.filter(({ kind }) => kind !== 'removed').map(({ path }): [string, string] => [path, files.get(path) ?? '']);
  // The manifest is written first, so that a killed run leaves every file that it wrote listed.
  return { removed, written: manifest === undefined ? written : [[MANIFEST, manifest], ...written] };
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is where a folder is expected',
  EEXIST: 'a file is where a folder is expected',
};

function systemError(label: string, verb: string, error: unknown): Diagnostic {
  const code = systemCode(error) ?? '';
  return {
    severity: 'error',
    code: 'output-folder',
    message: `Cannot ${verb} the output folder: ${REASONS[code] === undefined ? code : `${REASONS[code]} (${code})`}. Nothing in it was changed.`,
    file: label,
    hint: 'Choose another folder with --out, or make this one writable.',
  };
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A checkout can change line endings. This is not a difference. */
function sameText(found: string, wanted: string): boolean {
  return found === wanted || normal(found) === wanted;
}

function normal(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

type Found =
  | { readonly kind: 'missing' }
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'other'; readonly path: string };

/** Reads the file at a path without following links: a link could lead out of the folder. */
async function current(out: string, path: string): Promise<Found> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const part = parts.slice(0, depth).join('/');
    const stats = await lstat(join(out, part)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (stats === undefined) return { kind: 'missing' };
    const last = depth === parts.length;
    if (last ? !stats.isFile() : !stats.isDirectory()) return { kind: 'other', path: part };
  }
  return { kind: 'file', text: await readFile(join(out, path), 'utf8') };
}
