import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ACME_SPEC, BREAKERS, PACKAGE, TestProject } from '../generator/cli/project.js';

/** A second service without faults: what happens to it where the first has some? */
const SHOP_SPEC = ACME_SPEC.replace('Acme leads', 'Shop')
  .replaceAll('ontact', 'rticle')
  .replaceAll('crticle', 'article')
  .replaceAll('Crticle', 'Article');

const SOUND: Readonly<Record<string, string>> = {
  'specs/acme.yaml': ACME_SPEC,
  'specs/shop.yaml': SHOP_SPEC,
  'specs/breakers.yaml': BREAKERS.replace('    acme:\n', '    shop: {}\n    acme:\n'),
  'package.json': PACKAGE,
};

export const SPEC = 'specs/acme.yaml';
export const YAML = 'specs/breakers.yaml';

/** A fault to put into a file: `text` stands in for `instead`, or for the whole file. What a message has to point at stands between « and ». */
export interface Edit {
  readonly file: string;
  readonly instead?: string;
  /** Undefined: the file is deleted. */
  readonly text: string | undefined;
}

export const inSpec = (instead: string, text: string): Edit => ({ file: SPEC, instead, text });
export const inYaml = (instead: string, text: string): Edit => ({ file: YAML, instead, text });

/** Where a marked token stands. */
export interface Token {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** A project with two services that was generated once, and into which faults are put. */
export class FaultyProject extends TestProject {
  constructor() {
    super(SOUND);
  }

  /** Puts faults in; gives the tokens that were marked. */
  break(edits: readonly Edit[]): Token[] {
    const marked = new Map<string, string>();
    for (const { file, instead, text } of edits) {
      if (text === undefined) {
        rmSync(join(this.folder, file));
        continue;
      }
      const before = marked.get(file) ?? SOUND[file] ?? '';
      if (instead !== undefined && !before.includes(instead)) throw new Error(`${file} has no ${JSON.stringify(instead)}`);
      marked.set(file, instead === undefined ? text : before.replace(instead, () => text));
    }
    return [...marked].flatMap(([file, text]) => {
      this.write(file, text.replace(/[«»]/g, ''));
      return [...text.matchAll(/«([^»]*)»/g)].map((match) => {
        const lines = text.slice(0, match.index).replace(/[«»]/g, '').split('\n');
        return { file, line: lines.length, column: (lines.at(-1) ?? '').length + 1, text: match[1] ?? '' };
      });
    });
  }

  mend(): void {
    rmSync(join(this.folder, 'specs'), { recursive: true });
    for (const [file, text] of Object.entries(SOUND)) this.write(file, text);
  }

  /** Content, time and identity of everything in the output folder. */
  output(): Record<string, string> {
    const root = join(this.folder, 'generated');
    return Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const { mtimeMs, ino } = statSync(path);
        const content = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'folder';
        return [path.slice(root.length), `${content} ${mtimeMs} ${ino}`];
      }),
    );
  }
}

/** One message as printed: its first line, what follows, and the text that its caret underlines. */
export interface Printed {
  readonly place: string;
  readonly code: string;
  readonly text: string;
  readonly underlined: string | undefined;
}

/** Reads messages back from what was printed. */
export function readMessages(stderr: string): Printed[] {
  const heads = [...stderr.matchAll(/^(\S+) error ([a-z0-9-]+)$/gm)];
  return heads.map((head, at) => {
    const text = stderr.slice(head.index, heads[at + 1]?.index).replace(/\n\d+ errors?\nNothing was written\.\n$/, '');
    const [, shown, carets] = /^ *> +\d+ \| (.*)\n *\| ( *\^+)$/m.exec(text) ?? [];
    return { place: head[1] ?? '', code: head[2] ?? '', text, underlined: carets && shown?.slice(carets.indexOf('^'), carets.length) };
  });
}
