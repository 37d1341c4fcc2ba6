/** Keys and indexes that lead from the file's root to a value. */
export type YamlPath = readonly (string | number)[];

/** A path as a JSON pointer (RFC 6901), the form in which ajv names places. */
export function toPointer(path: YamlPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The steps of a JSON pointer; indexes of lists are strings, too. */
export function fromPointer(pointer: string): readonly string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
