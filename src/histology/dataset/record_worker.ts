/**
 * A worker thread that reads and decodes plain PNG files for record_threads.ts, and writes their records. It leaves out
 * each file with which anything is unusual.
 */
import { parentPort } from "node:worker_threads";
import { decodePlainPng } from "../image/plain_png.ts";
import { readPlace } from "./file_place.ts";
import {
  type GroupMessage,
  type RecordFile,
  type RecordOrder,
  type StoredPicture,
  storeRecord,
} from "./store_record.ts";

function store(file: RecordFile, order: RecordOrder): StoredPicture | undefined {
  try {
    const image = decodePlainPng(readPlace(order.place));
    return image && storeRecord(file, order, image);
  } catch {
    // The caller's thread tries again, meets the same error and reports it.
    return undefined;
  }
}

parentPort!.on("message", ({ file, orders }: GroupMessage) =>
  parentPort!.postMessage(orders.map((order) => store(file, order))),
);
