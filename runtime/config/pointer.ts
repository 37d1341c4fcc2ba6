/** The keys and indexes from the root of the file to a value. */
export type YamlPath = readonly (string | number)[];

/** Returns a path as a JSON pointer (RFC 6901), the form that ajv uses. */
export function toPointer(path: YamlPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Returns the steps of a JSON pointer. Indexes of lists are also strings. */
export function fromPointer(pointer: string): readonly string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
