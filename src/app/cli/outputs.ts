/** Wraps standard output and standard error, so that every text is written completely and write errors are reported. */
import type { EventEmitter } from "node:events";
import { fstatSync, writeSync } from "node:fs";
import { fileError } from "../../system/files.ts";
import { codeOf, messageOf, printable } from "../../util/errors.ts";
import type { Output } from "./terminal_reporter.ts";

/** A stream of the process. */
export interface OutputStream extends Output, EventEmitter {
  /** Its file descriptor, if it has one. */
  readonly fd?: number;
}

interface NamedStream {
  readonly name: string;
  readonly output: Output;
}

/** Callbacks for a stream that can no longer be written. */
export interface OnFailure {
  /** The reader of standard output has closed it, for example `head`. */
  readerLeft(): void;
  /** Called once for any other reason, after the error was printed. */
  failed(): void;
}

/** Watches the two streams of a process. Ignores all later writes to a stream that has failed. */
export function watchOutputs(
  streams: { readonly stdout: OutputStream; readonly stderr: OutputStream },
  { readerLeft, failed }: OnFailure,
): { readonly stdout: Output; readonly stderr: Output } {
  const broken = new Set<OutputStream>();
  const watched = (name: string, stream: OutputStream, other: () => NamedStream): NamedStream => {
    const fail = (error: unknown): void => {
      if (broken.has(stream)) return;
      broken.add(stream);
      if (codeOf(error) === "EPIPE") {
        if (stream === streams.stdout) readerLeft();
        return;
      }
      other().output.write(`cancernet: ${sentence(name, error)}\n`);
      failed();
    };
    stream.on("error", fail);
    const output: Output = {
      isTTY: stream.isTTY,
      get columns() {
        return stream.columns;
      },
      write(text) {
        if (broken.has(stream)) return;
        if (!isFile(stream)) return void stream.write(text);
        try {
          writeAll(stream.fd!, text);
        } catch (error) {
          fail(error);
        }
      },
    };
    return { name, output };
  };
  const stdout: NamedStream = watched("standard output", streams.stdout, () => stderr);
  const stderr: NamedStream = watched("standard error", streams.stderr, () => stdout);
  return { stdout: stdout.output, stderr: stderr.output };
}

function sentence(name: string, error: unknown): string {
  const known = fileError(error, `cannot write to ${name}`, "see where it leads, and run the command again");
  return known === error ? `Cannot write to ${name}: ${printable(messageOf(error))}.` : messageOf(known);
}

/**
 * Whether the stream is a file or a device. Node's own stream writes to these only once, and ignores it if only part of
 * the text was written.
 */
function isFile({ fd, isTTY }: OutputStream): boolean {
  if (fd === undefined || isTTY) return false;
  const kind = fstatSync(fd);
  return kind.isFile() || kind.isCharacterDevice();
}

function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const written = writeSync(fd, rest);
    if (written === 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" });
    rest = rest.subarray(written);
  }
}
