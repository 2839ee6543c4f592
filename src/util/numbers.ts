/**
 * Formats numbers for people: thousands separators, singular or plural, no minus sign before zero. Files for programs
 * do not use these formats.
 */

/** A count with thousands separators: "5,221". */
export function whole(count: number): string {
  return count.toLocaleString("en-US");
}

/**
 * A count with its noun: "1 patch", "5,221 patches". The plural adds "s", or "es" after "tch" and "s", unless `many` is
 * given.
 */
export function counted(count: number, one: string, many = `${one}${/(tch|s)$/.test(one) ? "es" : "s"}`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** A number with a fixed number of decimals. A value that rounds to zero has no minus sign. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.startsWith("-") && Number(text) === 0 ? text.slice(1) : text;
}
