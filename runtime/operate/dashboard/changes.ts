import type { CircuitRow, RowPatch } from './wire.js';

/** A row as it was sent, each field as text. */
interface Sent {
  readonly row: CircuitRow;
  readonly fields: Map<string, string>;
}

/** Knows what pages have been told, and so what is new to them. */
export class Changes {
  readonly #sent = new Map<string, Sent>();

  /** Every row as it was told last. */
  get rows(): readonly CircuitRow[] {
    return [...this.#sent.values()].map(({ row }) => row);
  }

  /** The row of that circuit as it was told last. */
  rowOf(name: string): CircuitRow | undefined {
    return this.#sent.get(name)?.row;
  }

  /** Takes the rows as they are now. Returns what differs: fields of rows, and names of rows that are gone. */
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
