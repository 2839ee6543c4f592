/** The part of csv-parse that src/util/csv.ts uses. The package's own types need the types of Node. */
export function parse<T>(text: string, options: object): T;
