/** Which names in a folder or an archive are no one's data. */

/** A file or folder that systems add without being asked: its name starts with a dot, or it is macOS's `__MACOSX`. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX";
}
