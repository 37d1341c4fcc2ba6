/** A JSON Schema, draft-07, which editors support best. */
export type Schema = Readonly<Record<string, unknown>>;

/** Returns an `errorMessage`. Editors show it for an invalid value, and the loader reads the expected value from it. */
export function expecting(what: string): { readonly errorMessage: string } {
  return { errorMessage: `Expected ${what}.` };
}

/** Returns the value that a schema expects, in words. */
export function expectation(schema: unknown): string | undefined {
  const message = typeof schema === 'object' && schema !== null && 'errorMessage' in schema ? schema.errorMessage : undefined;
  return typeof message === 'string' ? /^Expected (.*)\.$/.exec(message)?.[1] : undefined;
}

/** Longest duration: one day, in seconds. Timers cannot wait much longer. */
export const DAY = 86_400;

/** Largest exact integer. The runtime refuses larger numbers, but its error has no line number. */
export const MOST = Number.MAX_SAFE_INTEGER;

/** Returns the schema of an integer of at least 1. */
export const count = (description: string, standard: number, most?: number): Schema => ({
  description,
  type: 'integer',
  minimum: 1,
  maximum: most ?? MOST,
  default: standard,
  ...expecting(most === undefined ? 'a whole number, 1 or more' : `a whole number from 1 to ${most.toLocaleString('en')}`),
});

/** Returns the schema of a duration in seconds that can be 0. */
export const wait = (description: string, standard: number, most?: number): Schema => ({
  description,
  type: 'number',
  minimum: 0,
  ...(most === undefined ? {} : { maximum: most }),
  default: standard,
  ...expecting(most === undefined ? 'a number of seconds, 0 or more' : `a number of seconds from 0 to ${most.toLocaleString('en')}`),
});

/** Returns the schema of a duration in seconds that can be turned off. */
export const limit = (description: string, standard?: number, most: number = DAY): Schema => ({
  description,
  type: ['number', 'boolean', 'null'],
  minimum: 0.001,
  maximum: most,
  not: { const: true },
  ...(standard === undefined ? {} : { default: standard }),
  ...expecting(`a number of seconds from 0.001 to ${most.toLocaleString('en')}, or false for no limit`),
});

/** Returns the schema of a key with an old name. It is checked like the new key, and editors show it as deprecated. */
export const oldName = ({ default: _, ...schema }: Schema, name: string): Schema => ({
  ...schema,
  description: `Old name of \`${name}\`: it does not say that the unit is seconds.`,
  deprecated: true,
  deprecationMessage: `Write ${name}.`,
});

/** Returns the schema of a boolean. */
export const flag = (description: string, standard?: boolean): Schema => ({
  description,
  type: 'boolean',
  ...(standard === undefined ? {} : { default: standard }),
  ...expecting('true or false'),
});

/** Returns the schema of a share from 0 to 1. */
export const share = (description: string, standard: number): Schema => ({
  description,
  type: 'number',
  minimum: 0,
  maximum: 1,
  default: standard,
  ...expecting('a share from 0 to 1'),
});

/** Returns the schema of a rate above 0, up to 1, that can be turned off. */
export const rate = (description: string, standard: number | false): Schema => ({
  description,
  type: ['number', 'boolean', 'null'],
  exclusiveMinimum: 0,
  maximum: 1,
  not: { const: true },
  default: standard,
  ...expecting('a share above 0, up to 1, such as 0.5, or false for none'),
});

/** Returns the schema of a block that turns a policy on. `false` turns it off. */
export const block = <P extends Readonly<Record<string, Schema>>>(description: string, what: string, properties: P) => ({
  description,
  type: ['object', 'boolean'],
  additionalProperties: false,
  properties,
  ...expecting(`true, false or a mapping of ${what} settings`),
});
