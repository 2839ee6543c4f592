/** csv-stringify as src/util/csv.ts uses it; its own types ask for those of Node. */
export function stringify(rows: readonly (readonly unknown[])[], options: object): string;
