/** The devices of a page by name. The page and its workers share this table. */

/** What a device needs of the page. */
interface WebDeviceSettings {
  /** The number of pictures that a worker gets at a time. */
  readonly picturesPerGroup: number;
}

/** On the CPU, a group is small, so that answers arrive soon. On a GPU it fills a batch. */
export const WEB_DEVICES = {
  cpu: { picturesPerGroup: 8 },
  webgpu: { picturesPerGroup: 32 },
} as const satisfies Record<string, WebDeviceSettings>;

export type WebDevice = keyof typeof WEB_DEVICES;
