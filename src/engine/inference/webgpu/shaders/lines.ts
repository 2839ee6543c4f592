/** Repeated lines of a shader: values with names of their own stay in registers, those of an indexed array may not. */
export const linesOf = (count: number, line: (place: number) => string): string =>
  Array.from({ length: count }, (_, place) => line(place)).join("\n");
