/** How numbers are written for people: separators between thousands, one or many, no sign of zero. Files for programs hold them as they are. */

/** "5,221". */
export function whole(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 patch", "5,221 patches"; the plural follows the rule (s, or es after a hiss) unless it is given. */
export function counted(count: number, one: string, many = `${one}${/(tch|s)$/.test(one) ? "es" : "s"}`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** A number in so many decimals; what is rounded to zero has no sign. */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.startsWith("-") && Number(text) === 0 ? text.slice(1) : text;
}
