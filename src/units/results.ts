/**
 * Where the results of a work lie. Processes share results through this interface alone: the description, the records
 * of failures, the published units, the summary. Each process also has them as a folder, in which verbs read and write.
 */
export interface Results {
  /** The place as the user named it. */
  readonly name: string;
  /**
   * The results as a folder of this machine. It holds what `bring` has brought. A verb writes its summary there, and
   * `finish` shares it.
   */
  readonly folder: string;
  /** How the user names a path in the results. */
  placeOf(path: string): string;

  /** The text of a shared file; undefined if the file does not exist. @param what names it in errors: "the description" */
  read(path: string, what: string): Promise<string | undefined>;
  /** Writes a shared file, or replaces it. */
  write(path: string, text: string): Promise<void>;
  /** Writes a shared file unless there is one. Of several processes at the same moment, one writes it. */
  writeFirst(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** A text that changes when a shared file changes; undefined if the file does not exist. */
  stamp(path: string): Promise<string | undefined>;
  /** Shares a file of the folder, unless there is one of that name. */
  shareFile(path: string): Promise<void>;
  /** Makes a shared file readable in the folder, if there is one. */
  bringFile(path: string): Promise<void>;

  /**
   * Makes files of published units readable in the folder. Units that are not published are passed over.
   * @param files the names of the needed files; all by default
   */
  bring(units: readonly string[], files?: readonly string[]): Promise<void>;
  /** Forgets what was brought of a unit, so that another `bring` looks again. */
  forget(unit: string): Promise<void>;
  /**
   * Publishes a filled folder as a unit, whole or not at all. If the unit is published already, the contents are
   * compared: equal ones are dropped, different ones are both kept.
   * @throws UserError if the contents differ, or the results cannot be written.
   */
  publish(place: string, unit: string): Promise<void>;
  /** @throws UserError if a unit has two results. */
  requireNoConflict(): Promise<void>;
  /**
   * Shares the summary, and removes what attempts have left.
   * @param unfinished the units whose attempts stay
   */
  finish(units: readonly string[], unfinished: readonly string[]): Promise<void>;
  /** Removes what only this process needs. */
  close(): Promise<void>;
}
