import type { CircuitRow, RowPatch } from './wire.js';

/** The last sent row, with each field as text. */
interface Sent {
  readonly row: CircuitRow;
  readonly fields: Map<string, string>;
}

/** Keeps the rows that were sent to pages, and finds what changed since. */
export class Changes {
  readonly #sent = new Map<string, Sent>();

  /** The last sent rows. */
  get rows(): readonly CircuitRow[] {
    return [...this.#sent.values()].map(({ row }) => row);
  }

  /** Returns the last sent row of a circuit. */
  rowOf(name: string): CircuitRow | undefined {
    return this.#sent.get(name)?.row;
  }

  /** Takes the present rows. Returns the changes: fields of rows, and the names of removed rows. */
  take(rows: readonly CircuitRow[]): { readonly patches: readonly RowPatch[]; readonly removed: readonly string[] } {
    const patches = rows.map((row) => this.#patch(row)).filter((patch) => patch !== undefined);
    const names = new Set(rows.map(({ name }) => name));
    const removed = [...this.#sent.keys()].filter((name) => !names.has(name));
    for (const name of removed) this.#sent.delete(name);
    return { patches, removed };
  }

  #patch(row: CircuitRow): RowPatch | undefined {
    const fields = this.#sent.get(row.name)?.fields ?? new Map<string, string>();
    const changed: [string, unknown][] = [];
    for (const [key, value] of Object.entries(row)) {
      const text = JSON.stringify(value);
      if (fields.get(key) === text) continue;
      fields.set(key, text);
      if (key !== 'name') changed.push([key, value]);
    }
    this.#sent.set(row.name, { row, fields });
    return changed.length === 0 ? undefined : { name: row.name, ...Object.fromEntries(changed) };
  }
}
