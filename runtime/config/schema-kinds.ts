/** A JSON Schema (draft-07: what editors understand best). */
export type Schema = Readonly<Record<string, unknown>>;

/** `errorMessage` is what editors show for a bad value; the loader takes what it expected from there. */
export function expecting(what: string): { readonly errorMessage: string } {
  return { errorMessage: `Expected ${what}.` };
}

/** What a schema expects, in words. */
export function expectation(schema: unknown): string | undefined {
  const message = typeof schema === 'object' && schema !== null && 'errorMessage' in schema ? schema.errorMessage : undefined;
  return typeof message === 'string' ? /^Expected (.*)\.$/.exec(message)?.[1] : undefined;
}

/** Longest duration, in seconds: a day. Timers cannot wait much longer, and no call should. */
export const DAY = 86_400;

/** What whole numbers are exact up to: beyond it the runtime takes none, and says so without a line. */
export const MOST = Number.MAX_SAFE_INTEGER;

/** A whole number, 1 or more. */
export const count = (description: string, standard: number, most?: number): Schema => ({
  description,
  type: 'integer',
  minimum: 1,
  maximum: most ?? MOST,
  default: standard,
  ...expecting(most === undefined ? 'a whole number, 1 or more' : `a whole number from 1 to ${most.toLocaleString('en')}`),
});

/** A number of seconds that may be 0. */
export const wait = (description: string, standard: number, most?: number): Schema => ({
  description,
  type: 'number',
  minimum: 0,
  ...(most === undefined ? {} : { maximum: most }),
  default: standard,
  ...expecting(most === undefined ? 'a number of seconds, 0 or more' : `a number of seconds from 0 to ${most.toLocaleString('en')}`),
});

/** A number of seconds that may be switched off. */
export const limit = (description: string, standard?: number, most: number = DAY): Schema => ({
  description,
  type: ['number', 'boolean', 'null'],
  minimum: 0.001,
  maximum: most,
  not: { const: true },
  ...(standard === undefined ? {} : { default: standard }),
  ...expecting(`a number of seconds from 0.001 to ${most.toLocaleString('en')}, or false for no limit`),
});

/** The old name of a key: checked like the new one, and marked for editors. */
export const oldName = ({ default: _, ...schema }: Schema, name: string): Schema => ({
  ...schema,
  description: `Old name of \`${name}\`: it does not say that the unit is seconds.`,
  deprecated: true,
  deprecationMessage: `Write ${name}.`,
});

/** True or false. */
export const flag = (description: string, standard?: boolean): Schema => ({
  description,
  type: 'boolean',
  ...(standard === undefined ? {} : { default: standard }),
  ...expecting('true or false'),
});

/** A share from 0 to 1. */
export const share = (description: string, standard: number): Schema => ({
  description,
  type: 'number',
  minimum: 0,
  maximum: 1,
  default: standard,
  ...expecting('a share from 0 to 1'),
});

/** A share that can be reached, and may be switched off. */
export const rate = (description: string, standard: number | false): Schema => ({
  description,
  type: ['number', 'boolean', 'null'],
  exclusiveMinimum: 0,
  maximum: 1,
  not: { const: true },
  default: standard,
  ...expecting('a share above 0, up to 1, such as 0.5, or false for none'),
});

/** A mapping that switches something on; false switches it off. */
export const block = <P extends Readonly<Record<string, Schema>>>(description: string, what: string, properties: P) => ({
  description,
  type: ['object', 'boolean'],
  additionalProperties: false,
  properties,
  ...expecting(`true, false or a mapping of ${what} settings`),
});
