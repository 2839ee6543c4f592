/** csv-parse as src/util/csv.ts uses it; its own types ask for those of Node. */
export function parse<T>(text: string, options: object): T;
