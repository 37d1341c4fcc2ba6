import { toPointer } from '../../runtime/config/pointer.js';
import { isObject, own } from './json.js';
import type { SourceDocument } from './source-document.js';

/** A value of a document together with its place, so that a message about the value can name the place. */
export class Cursor {
  constructor(
    readonly document: SourceDocument,
    readonly value: unknown,
    readonly parent?: Cursor,
    readonly key: string = '',
  ) {}

  static root(document: SourceDocument): Cursor {
    return new Cursor(document, document.root);
  }

  /** Returns a property or list item. The cursor's value is undefined if the property is missing. */
  child(key: string): Cursor {
    const value: unknown = Array.isArray(this.value) ? (/^\d+$/.test(key) ? this.value[Number(key)] : undefined) : own(this.value, key);
    return new Cursor(this.document, value, this, key);
  }

  /** Returns the properties of a mapping, and an empty list for any other value. */
  entries(): Cursor[] {
    return isObject(this.value) ? Object.keys(this.value).map((key) => this.child(key)) : [];
  }

  /** Returns the items of a list, and an empty list for any other value. */
  items(): Cursor[] {
    return Array.isArray(this.value) ? this.value.map((value, index) => new Cursor(this.document, value, this, String(index))) : [];
  }

  get path(): string[] {
    const steps: string[] = [];
    for (let here: Cursor = this; here.parent !== undefined; here = here.parent) steps.push(here.key);
    return steps.reverse();
  }

  /** Identifies the value across documents: file and JSON pointer. */
  get id(): string {
    return `${this.document.path}#${toPointer(this.path)}`;
  }
}
