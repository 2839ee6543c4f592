/** The benchmarks: what each one includes, its contenders, and its timing plan. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENGINE_NAMES } from "../src/engine/engine_names.ts";
import type { BundledModelName } from "../src/options/bundled_models.ts";
import { startPrediction, startTrainingStep } from "./cancernet.ts";
import { startEpoch, startFirstEpoch, startPrepare } from "./cancernet_epoch.ts";
import { type SlideWork, startSlide } from "./cancernet_slide.ts";
import type { Material } from "./fixtures.ts";
import { type GpuName, gpuAbsence, requireGpu } from "./gpu.ts";
import type { Contender, Entrant, Rhythm } from "./interleave.ts";
import { startPeer } from "./peer.ts";

/** The benchmarks of one session run in the same alternating turns, and share contenders with the same key. */
export interface Session {
  readonly rhythm: Rhythm;
  readonly works: readonly Work[];
}

export interface Work {
  /** The name in all outputs. Do not change it, so that results stay comparable. */
  readonly title: string;
  readonly note: string;
  /** Our own contender comes first: the ratios are relative to it. */
  readonly entrants: readonly Entrant[];
}

export interface Setup {
  readonly threads: number;
  readonly rounds: number;
  /** Only steps and predictions, in short turns, without the slowest peer: about a minute. */
  readonly quick: boolean;
  /** Called when a benchmark that needs patches starts. */
  readonly material: () => Promise<Material>;
}

const PEERS = fileURLToPath(new URL("peers/", import.meta.url));
const LAYOUTS = ["nchw", "channels_last"];
const TURN_SECONDS = 0.4;
const QUICK_TURN_SECONDS = 0.2;
const REST_SECONDS = 0.15;
/** Turns of an epoch and of slides take much longer than those of a short benchmark, so there are fewer rounds. */
const [EPOCH_ROUNDS_SHARE, SLIDE_ROUNDS_SHARE] = [0.4, 0.6];

/** Notes on the peers that apply to every benchmark. */
export const PEER_NOTES = [
  "**PyTorch** runs in a process of its own on all threads. For epochs it first tries its settings on a few patches and keeps the fastest, " +
    "which its name tells: torchvision's transforms of PIL images or grid_sample on the batch, the DataLoader's workers (persistent), the " +
    "threads of the step, the memory layout. Its waiting threads then leave the cores to the workers (OMP_WAIT_POLICY=PASSIVE).",
  "**TensorFlow.js** has SIMD but one thread in its wasm backend in Node, whose threads are for browsers; its cpu backend is plain " +
    "JavaScript, so slow that it is measured patch by patch, or left out. tfjs-node, which binds TensorFlow's C " +
    "library, downloads it when installed and is not measured.",
];

/** All sessions, in the order of the table. */
export function sessions(setup: Setup): Session[] {
  const { rounds, quick } = setup;
  const short = { rounds, turnSeconds: quick ? QUICK_TURN_SECONDS : TURN_SECONDS, restSeconds: REST_SECONDS };
  const single = { rounds, turnSeconds: 0, restSeconds: REST_SECONDS };
  const fewer = (share: number) => ({ ...single, rounds: Math.max(1, Math.ceil(rounds * share)) });
  const batches = quick ? { step: [32], prediction: [1, 32] } : { step: [32, 128], prediction: [1, 32, 512] };
  const inShort = [
    ...batches.step.map((batch) => ({ rhythm: short, works: [trainingStep(setup, batch)] })),
    ...batches.prediction.map((batch) => ({ rhythm: short, works: [prediction(setup, batch)] })),
  ];
  if (quick) return inShort;
  return [
    ...inShort,
    { rhythm: short, works: [trainingStepOnGpu(setup)] },
    { rhythm: short, works: [predictionOnGpu(setup)] },
    { rhythm: fewer(EPOCH_ROUNDS_SHARE), works: epochs(setup) },
    { rhythm: single, works: [prepareWork(setup, "prepare", ({ archive }) => archive)] },
    { rhythm: single, works: [prepareWork(setup, "prepare, the whole archive", ({ wholeArchive }) => wholeArchive)] },
    { rhythm: fewer(SLIDE_ROUNDS_SHARE), works: [slideWork(setup)] },
  ];
}

function trainingStep({ threads, quick }: Setup, batch: number): Work {
  const settings = ["--work", "step", "--batch", batch, "--threads", threads];
  return {
    title: `training step, batch ${batch}`,
    note: "random patches in memory, forward with dropout, weighted loss, backward and Adagrad, to the updated weights and the loss.",
    entrants: [
      ...ENGINE_NAMES.map((name) =>
        own(`cancernet, ${name} engine`, () => startTrainingStep(name, { batch, threads })),
      ),
      ...LAYOUTS.map((layout) => pytorch(`PyTorch ${layout}`, "pytorch_step.py", [...settings, "--layout", layout])),
      tfjs("wasm", ["--work", "step", "--batch", batch]),
      // Needs some seconds per patch, so it gets the smallest batch.
      ...(batch === 32 && !quick ? [tfjs("cpu", ["--work", "step", "--batch", 1])] : []),
    ],
  };
}

function prediction({ threads, quick }: Setup, batch: number): Work {
  const settings = ["--work", "predict", "--batch", batch, "--threads", threads];
  return {
    title: `prediction, batch ${batch}`,
    note: "random patches in memory (ours as bytes, the peers' as floats in their layout) to probabilities.",
    entrants: [
      own("cancernet", () => startPrediction({ batch, threads })),
      ...LAYOUTS.map((layout) => pytorch(`PyTorch ${layout}`, "pytorch_step.py", [...settings, "--layout", layout])),
      pytorch("PyTorch channels_last, TorchScript frozen", "pytorch_step.py", [
        ...[...settings, "--layout", "channels_last", "--frozen"],
      ]),
      tfjs("wasm", ["--work", "predict", "--batch", batch]),
      ...(batch === 1 && !quick ? [tfjs("cpu", ["--work", "predict", "--batch", batch])] : []),
    ],
  };
}

/** Larger batches than on the CPU, because a GPU computes them at once. */
const GPU_BATCHES = { step: 128, prediction: 512 };

function trainingStepOnGpu({ threads }: Setup): Work {
  const batch = GPU_BATCHES.step;
  return {
    title: `training step on a GPU, batch ${batch}`,
    note: "the same as on the CPU. The patches are copied to the GPU in each step, and the loss back.",
    entrants: [
      ...GPUS.map((device) => onGpu(device, () => startTrainingStep("graph", { batch, threads, device }))),
      pytorchOnGpu(["--work", "step", "--batch", batch, "--threads", threads]),
    ],
  };
}

function predictionOnGpu({ threads }: Setup): Work {
  const batch = GPU_BATCHES.prediction;
  return {
    title: `prediction on a GPU, batch ${batch}`,
    note: "the same as on the CPU. The patches are copied to the GPU each time, and the probabilities back.",
    entrants: [
      ...GPUS.map((device) => onGpu(device, () => startPrediction({ batch, threads, device }))),
      pytorchOnGpu(["--work", "predict", "--batch", batch, "--threads", threads]),
    ],
  };
}

const GPUS: readonly GpuName[] = ["webgpu", "cuda"];

function onGpu(device: GpuName, start: () => Promise<Contender>): Entrant {
  return own(`cancernet, --device ${device}`, async () => {
    await requireGpu(device);
    return start();
  });
}

function pytorchOnGpu(settings: readonly (string | number)[]): Entrant {
  const peer = pytorch("PyTorch CUDA channels_last", "pytorch_step.py", [
    ...[...settings, "--layout", "channels_last", "--device", "cuda"],
  ]);
  const open = async () => {
    const absence = gpuAbsence("cuda");
    if (absence !== undefined) throw new Error(absence);
    return peer.open();
  };
  return { ...peer, open };
}

function epochs({ threads, material }: Setup): Work[] {
  const epoch = own("cancernet", async () => startEpoch(await material(), threads));
  const firstEpoch = own("cancernet prepare, then train", async () => startFirstEpoch(await material(), threads));
  const fromPack = pytorch("PyTorch from a pack", "pytorch_epoch.py", async () => [
    ...["--threads", threads, "--pack", (await material()).dataset],
  ]);
  const fromFiles = pytorch("PyTorch from files", "pytorch_epoch.py", async () => [
    ...["--threads", threads, "--files", (await material()).files],
  ]);
  const both =
    "every patch once in random order at batch 32, resized to 48 pixels, rotated, shifted, sheared, zoomed, flipped, to the updated " +
    "weights; without validation.";
  return [
    {
      title: "epoch from the pack",
      note: `${both} Ours reads the prepared dataset's file, as train does; PyTorch has the same records in memory.`,
      entrants: [epoch, fromPack],
    },
    {
      title: "epoch from PNG files",
      note:
        "an epoch of a run with many. PyTorch decodes the files in each epoch; ours has prepared them before the run, once, " +
        "so its speed is that of the work above.",
      entrants: [epoch, fromFiles],
    },
    {
      title: "first epoch from PNG files, prepare included",
      note:
        "ours prepares the files, opens the dataset, starts the engine and trains one epoch; PyTorch's is the epoch of the " +
        "work above, its workers already running.",
      entrants: [firstEpoch, fromFiles],
    },
  ];
}

function prepareWork({ threads, material }: Setup, title: string, choose: (of: Material) => string | undefined): Work {
  const chosen = async () => {
    const ready = await material();
    const archive = choose(ready);
    if (archive === undefined) throw new Error("IDC_DATA is not set");
    return { archive, results: ready.results };
  };
  return {
    title,
    note:
      "the patches in a zip archive (stored, as the Kaggle archive has them) to a packed dataset on the disk. Ours also finds copies, " +
      "splits by case, and seals every file with its SHA-256; the peer decodes into the same layout and lists the names.",
    entrants: [
      own("cancernet prepare", async () => {
        const { archive, results } = await chosen();
        return startPrepare(archive, results);
      }),
      python("Python zipfile + Pillow + numpy", "pillow_prepare.py", "PIL, numpy", async () => {
        const { archive, results } = await chosen();
        return ["--threads", threads, "--zip", archive, "--out", join(results, "pillow")];
      }),
    ],
  };
}

function slideWork({ threads }: Setup): Work {
  const scored = (model: BundledModelName, pixels: SlideWork["pixels"]) =>
    own(`cancernet slide ${model}, pixels ${pixels}`, () => startSlide({ model, pixels, threads }));
  return {
    title: "slide",
    note:
      "the tissue of a synthetic slide of 120 x 120 patches found, cut into patches and classified. In memory the pixels cost nothing to read; " +
      "the TIFF is decoded twice, once for the tissue at a coarse level. Both models heed 17 x 17 patches.",
    entrants: [scored("idc", "in memory"), scored("idc", "in a tiled JPEG TIFF"), scored("cancernet", "in memory")],
  };
}

function own(program: string, open: () => Promise<Contender>): Entrant {
  return { key: program, program, own: true, open };
}

type Settings = readonly (string | number)[] | (() => Promise<readonly (string | number)[]>);

const pytorch = (program: string, script: string, settings: Settings) =>
  python(program, script, "torch, numpy", settings);

/** A Python peer. Uses the first Python on the path that has the libraries, otherwise Debian's. */
function python(program: string, script: string, libraries: string, settings: Settings): Entrant {
  const open = async () => {
    const found = findPython(libraries);
    if (found === undefined) {
      throw new Error("absent; install Debian's python3-torch python3-torchvision python3-pil python3-numpy");
    }
    const list = typeof settings === "function" ? await settings() : settings;
    return startPeer(found, [join(PEERS, script), ...list.map(String)]);
  };
  return { key: program, program, own: false, open };
}

const pythons = new Map<string, string | undefined>();

function findPython(libraries: string): string | undefined {
  if (!pythons.has(libraries)) {
    const works = (path: string) => spawnSync(path, ["-c", `import ${libraries}`]).status === 0;
    pythons.set(libraries, ["python3", "/usr/bin/python3"].find(works));
  }
  return pythons.get(libraries);
}

/** TensorFlow.js on one of its backends, if it is installed. In Node its wasm backend has no threads. */
function tfjs(backend: string, settings: readonly (string | number)[]): Entrant {
  const open = async () => {
    if (!existsSync(new URL("node_modules/@tensorflow/tfjs-core", import.meta.url))) {
      throw new Error("absent; install it with npm ci --prefix bench");
    }
    return startPeer(process.execPath, [join(PEERS, "tfjs.ts"), "--backend", backend, ...settings.map(String)]);
  };
  return { key: `tfjs ${backend}`, program: `tfjs ${backend}`, own: false, open };
}
