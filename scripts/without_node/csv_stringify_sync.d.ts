/** The part of csv-stringify that src/util/csv.ts uses. The package's own types need the types of Node. */
export function stringify(rows: readonly (readonly unknown[])[], options: object): string;
