/** The SHA-256 of bytes in memory, in Node and in a browser; `crypto.subtle` is absent on pages without HTTPS. */
import { sha256 as digestOf } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** The SHA-256 of bytes, in hexadecimal. */
export const sha256 = (bytes: Uint8Array): string => bytesToHex(digestOf(bytes));
