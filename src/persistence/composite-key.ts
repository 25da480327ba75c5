/** Key of a map by several columns; the separator cannot begin a number and ids that contain it stay apart by their lengths. */
export function compositeKey(shardId: number, ...columns: readonly (string | number)[]): string {
  let key = String(shardId);
  for (const column of columns) {
    key += typeof column === 'number' ? `|${column}` : `|${column.length}:${column}`;
  }
  return key;
}
