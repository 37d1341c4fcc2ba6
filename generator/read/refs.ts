import { quote } from '../../runtime/config/quote.js';
import { nearest } from '../../runtime/errors/nearest.js';
import { Cursor } from './cursor.js';
import { candidates, type DocumentSet } from './document-set.js';
import { isObject, own } from './json.js';

/** Follows `$ref`s within and across documents and reports references that cannot be resolved. */
export class Refs {
  constructor(readonly documents: DocumentSet) {}

  /**
   * Returns the value that a reference object names, one step further. Returns undefined, and reports the reference, if there is no such
   * value.
   */
  target(at: Cursor, done: string): Cursor | undefined {
    const refAt = at.child('$ref');
    return typeof refAt.value === 'string' ? this.named(refAt, refAt.value, done) : undefined;
  }

  /** Returns the value that a reference names. `refAt` is the place of the reference. */
  named(refAt: Cursor, ref: string, done: string): Cursor | undefined {
    const from = refAt.document;
    const [file = '', fragment = ''] = split(ref);
    if (/^[a-z][a-z+.-]+:/i.test(file)) {
      this.#dangling(refAt, ref, done, 'remote references are not followed', 'Save the document beside this one and refer to the file.');
      return undefined;
    }
    const paths = file === '' ? [from.path] : candidates(from, file);
    const documents = paths.map((path) => (path === from.path ? from : this.documents.at(path)));
    const usable = documents.findIndex((document) => document !== undefined);
    if (usable === -1) {
      this.#dangling(refAt, ref, done, 'there is no such document', undefined, file);
      return undefined;
    }
    if (usable > 0) this.#misplaced(refAt, ref, file, usable);
    if (usable > 0 && !this.documents.reporter.repair) return undefined;
    const document = documents[usable];
    return document && this.#point(refAt, ref, Cursor.root(document), fragment, done);
  }

  /**
   * Follows references to the first value that is not a reference. Returns undefined, and reports the reference, if there is no such value
   * or the references form a circle.
   */
  follow(at: Cursor, done: string): Cursor | undefined {
    const seen = new Set<string>();
    let here: Cursor | undefined = at;
    while (here !== undefined && typeof own(here.value, '$ref') === 'string') {
      if (seen.has(here.id)) {
        this.documents.reporter.fault(here.child('$ref'), {
          code: 'ref-cycle',
          message: `The reference ${quote(own(here.value, '$ref'))} refers only to itself`,
          done,
        });
        return undefined;
      }
      seen.add(here.id);
      here = this.target(here, done);
    }
    return here;
  }

  #point(refAt: Cursor, ref: string, root: Cursor, fragment: string, done: string): Cursor | undefined {
    if (fragment === '') return root;
    if (!fragment.startsWith('/')) {
      this.#dangling(refAt, ref, done, 'anchors are not followed', 'Write a JSON pointer: `#/components/schemas/Name`.');
      return undefined;
    }
    let here = root;
    for (const raw of fragment.slice(1).split('/')) {
      const step = decodeStep(raw);
      // A reference in the middle of the path stands for its target.
      const within: Cursor | undefined = isObject(here.value) && own(here.value, step) === undefined ? this.#through(here, done) : here;
      const next: Cursor | undefined = within?.child(step);
      if (next === undefined || next.value === undefined) {
        const known = isObject(here.value) ? Object.keys(here.value) : [];
        const close = nearest(step, known);
        const hint = close === undefined ? undefined : `Did you mean ${quote(ref.slice(0, ref.length - raw.length) + close)}?`;
        this.#dangling(refAt, ref, done, `there is no ${quote(step)} at that place`, hint);
        return undefined;
      }
      here = next;
    }
    return here;
  }

  #through(here: Cursor, done: string): Cursor | undefined {
    return typeof own(here.value, '$ref') === 'string' ? this.follow(here, done) : here;
  }

  #dangling(refAt: Cursor, ref: string, done: string, why: string, hint: string | undefined, file?: string): void {
    this.documents.reporter.fault(refAt, {
      code: 'dangling-ref',
      message: `The reference ${quote(ref)} leads nowhere: ${why}`,
      done,
      hint,
      once: `${refAt.document.path} ${file ?? ref}`,
    });
  }

  #misplaced(refAt: Cursor, ref: string, file: string, dropped: number): void {
    const found = file.slice(3 * dropped);
    this.documents.reporter.fault(refAt, {
      code: 'dangling-ref',
      message: `The reference ${quote(ref)} leads nowhere: there is no such document`,
      done: `read as ${quote(found)} throughout this document`,
      hint: `Did you mean ${quote(found + ref.slice(file.length))}?`,
      once: `${refAt.document.path} ${file}`,
    });
  }
}

function split(ref: string): [string, string] {
  const hash = ref.indexOf('#');
  return hash === -1 ? [ref, ''] : [ref.slice(0, hash), ref.slice(hash + 1)];
}

function decodeStep(step: string): string {
  let decoded = step;
  try {
    decoded = decodeURIComponent(step);
  } catch {
    // The step contains a percent sign that encodes nothing.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}
