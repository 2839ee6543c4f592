/**
 * Reads the imports of a TypeScript source without a compiler. architecture_rules.ts decides which imports are allowed.
 */

/** A source's code without the content of comments, string literals and regular expressions, and its imports. */
export interface Scanned {
  code: string;
  /**
   * The specifiers of import, export from, import() and require(), in order of appearance. An import() of a computed
   * name is "?".
   */
  imports: string[];
  /** The imports that exist at run time: all except `import type` and `export type`. */
  values: string[];
}

/**
 * Matches a comment, a string literal, or a regular expression. A "/" starts a regular expression only after a
 * character that cannot end a value.
 */
const SET_ASIDE =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=(?:^|[=(,:[!&|?{};\n]|=>|return)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const IMPORT =
  /\b(?:import|export)\b(?:[\w\s{},*$]*\bfrom\b)?\s*"(\d+)"|\b(?:import|require)\s*\(\s*(?:"(\d+)"|[^)"\s])|\bcreateRequire\([^)]*\)\(\s*"(\d+)"/g;

const TYPE_ONLY = /^(?:import|export)\s+type\s+(?:[{*]|\w+\s+from\b)/;

/**
 * Scans one source. Replaces each string literal by its number, so that the pattern for imports cannot match inside
 * other text.
 */
export function scan(source: string): Scanned {
  const texts: string[] = [];
  const numbered = setAside(source, texts);
  const found = [...numbered.matchAll(IMPORT)].map(([whole, statement, call, required]) => {
    const index = statement ?? call ?? required;
    return { specifier: index === undefined ? "?" : texts[Number(index)]!, isType: TYPE_ONLY.test(whole) };
  });
  const imports = found.map(({ specifier }) => specifier);
  const values = found.flatMap(({ specifier, isType }) => (isType ? [] : [specifier]));
  // Empty the string literals in the code, except those after "from", which a rule may match.
  const code = numbered.replace(/(\bfrom\s*)?"(\d+)"/g, (_, from, index) => (from ? `${from}"${texts[index]}"` : '""'));
  return { code, imports, values };
}

function setAside(source: string, texts: string[]): string {
  let code = "";
  /** One entry per open template literal: the number of open braces inside its `${ }`, or -1 inside its text. */
  const templates: number[] = [];
  for (let at = 0; at < source.length; ) {
    const inText = templates.at(-1) === -1;
    const sign = source[at]!;
    SET_ASIDE.lastIndex = at;
    const token = inText ? undefined : SET_ASIDE.exec(source)?.[0];
    if (token) {
      if (token[0] === '"' || token[0] === "'") code += `"${texts.push(token.slice(1, -1)) - 1}"`;
      else code += " ";
      at += token.length;
      continue;
    }
    if (inText) {
      if (sign === "\\") at += 1;
      else if (sign === "`") templates.pop();
      else if (source.startsWith("${", at)) {
        templates[templates.length - 1] = 0;
        code += " ";
        at += 1;
      }
    } else if (sign === "`") {
      templates.push(-1);
      code += " ";
    } else {
      const open = templates.length - 1;
      if (open >= 0 && sign === "{") templates[open]!++;
      if (open >= 0 && sign === "}" && templates[open]!-- === 0) {
        templates[open] = -1;
        code += " ";
      } else code += sign;
    }
    at += 1;
  }
  return code;
}
