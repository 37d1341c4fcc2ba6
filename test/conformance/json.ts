/** A JSON or YAML mapping whose values are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping (neither null nor a list). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a mapping; an empty one where it is something else. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value as a list; an empty one where it is something else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The strings among a list's values. */
export function asStrings(value: unknown): readonly string[] {
  return asList(value).filter((item): item is string => typeof item === 'string');
}
