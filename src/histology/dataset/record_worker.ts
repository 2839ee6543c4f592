/**
 * A worker thread that reads and decodes plain PNG files for record_threads.ts, and writes their records. It leaves out
 * each file with which anything is unusual.
 */
import { parentPort, workerData } from "node:worker_threads";
import { decodePlainPng } from "../image/plain_png.ts";
import { readPlace } from "./file_place.ts";
import { type RecordFile, type RecordOrder, type StoredPicture, storeRecord } from "./store_record.ts";

const file = workerData as RecordFile;

function store(order: RecordOrder): StoredPicture | undefined {
  try {
    const image = decodePlainPng(readPlace(order.place));
    return image && storeRecord(file, order, image);
  } catch {
    // The caller's thread tries again, meets the same error and reports it.
    return undefined;
  }
}

parentPort!.on("message", (orders: readonly RecordOrder[]) => parentPort!.postMessage(orders.map(store)));
