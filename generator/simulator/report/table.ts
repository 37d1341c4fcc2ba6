/** Returns a table as text. Aligns the first column to the left and the others to the right. The first row contains the column names. */
export function textTable(rows: readonly (readonly string[])[], indent = '  '): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows
    .map((row) => {
      const cells = widths.map((width, at) => (at === 0 ? (row[at] ?? '').padEnd(width) : (row[at] ?? '').padStart(width)));
      return `${indent}${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
