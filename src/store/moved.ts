/** One sentence about an export or import. */
export function sayMoved(verb: 'exported to' | 'imported from', file: string, moved: { tables: number; rows: number }): string {
  return `${moved.rows} rows of ${moved.tables} tables ${verb} ${file}.`;
}
