/**
 * Compares a network that Keras describes in JSON with one of our models. Both are converted to lists of steps in
 * words.
 */
import type { Layer } from "../nn/layers.ts";
import type { ModelDescription } from "../nn/model.ts";
import { OtherNetworkError } from "./convert.ts";
import { kerasRule } from "./layer_rules.ts";

type Config = Readonly<Record<string, unknown>>;

interface Step {
  /** The layer's name, for messages. */
  readonly layer: string;
  readonly text: string;
}

/** The steps of each Keras class in a trained network. A class that is not listed is one step with its own name. */
const CLASSES: Readonly<Record<string, (config: Config) => string[]>> = {
  InputLayer: () => [],
  Dropout: () => [],
  Activation: ({ activation }) => activationSteps(activation),
  ReLU: () => ["relu"],
  Softmax: () => ["softmax"],
  SeparableConv2D: (config) => [
    ["SeparableConv2D", ...unusual(config, CONVOLUTION)].join(", "),
    ...activationSteps(config.activation),
  ],
  BatchNormalization: ({ epsilon }) => [`BatchNormalization, epsilon ${epsilon}`],
  MaxPooling2D: ({ pool_size: size, strides, ...config }) => [
    [`MaxPooling2D of ${pair(size)}`, ...unusual({ ...config, strides: strides ?? size }, { strides: size })].join(
      ", ",
    ),
  ],
  Dense: ({ activation }) => ["Dense", ...activationSteps(activation)],
  Rescaling: (config) => [rescalingStep(config)],
};

/** Networks that can be a layer of another network. Their layers count as layers of the outer network. */
const NETWORKS: readonly unknown[] = ["Sequential", "Functional", "Model"];

/** Our models scale bytes by this factor before their first layer. A Keras network can contain the same step. */
const SCALE = 1 / 255;
/** Keras stores the factor as float32 or float64. */
const SCALE_TOLERANCE = 1e-6;
const BYTES_TO_ONE = "Rescaling by 1/255";

function rescalingStep({ scale, offset }: Config): string {
  const toOne = typeof scale === "number" && Math.abs(scale / SCALE - 1) < SCALE_TOLERANCE;
  return toOne && (offset ?? 0) === 0 ? BYTES_TO_ONE : `Rescaling by ${scale} and ${offset}`;
}

/**
 * The settings of our convolutions. They are also Keras's defaults, except for the padding. A missing setting counts as
 * equal.
 */
const CONVOLUTION: Config = { padding: "same", strides: [1, 1], dilation_rate: [1, 1], data_format: "channels_last" };

/** A text such as 'padding "valid"' for each setting that is present and differs from the expected value. */
function unusual(config: Config, expected: Config): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const own = config[name] ?? value;
    return JSON.stringify(own) === JSON.stringify(value) ? [] : [`${name} ${JSON.stringify(own)}`];
  });
}

function pair(size: unknown): string {
  return Array.isArray(size) ? size.join(" x ") : `${size}`;
}

/** The steps of an activation. It is given by its name or, in Keras 3, as an object. */
function activationSteps(activation: unknown): string[] {
  const name = isRecord(activation) ? (activation.class_name ?? activation.config) : activation;
  return name === undefined || name === null || name === "linear" ? [] : [String(name)];
}

const isRecord = (value: unknown): value is Config =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Compares the network described in a file with a model, step by step.
 * @param json Keras's description: the attribute `model_config` in Keras 2, config.json in Keras 3
 * @throws OtherNetworkError that names the first step that differs; Error if the description cannot be read.
 */
export function requireSameNetwork(model: ModelDescription, json: string): void {
  const layers = describedLayers(json);
  const steps = layers.flatMap(stepsOf);
  if (steps[0]?.text === BYTES_TO_ONE) steps.shift();
  const wanted = [...model.layers.flatMap((layer: Layer) => kerasRule(layer).steps(layer)), "softmax"];
  for (let place = 0; place < Math.max(steps.length, wanted.length); place++) {
    const [step, want] = [steps[place], wanted[place]];
    if (step?.text === want) continue;
    throw new OtherNetworkError(
      `${step ? `its layer ${step.layer} is ${step.text}` : "it ends"}, but ${model.name} ${want ? `has ${want}` : "ends"}`,
    );
  }
  const [channels, height, width] = model.inputShape;
  const shape = layers.map(({ config }) => config.batch_shape ?? config.batch_input_shape).find(Array.isArray);
  if (shape && shape.slice(1).join() !== [height, width, channels].join()) {
    throw new OtherNetworkError(
      `its input is ${shape.slice(1).join(" x ")}, but ${model.name} has ${height} x ${width} x ${channels}`,
    );
  }
}

interface LayerText {
  readonly className: string;
  readonly config: Config;
}

function stepsOf({ className, config }: LayerText): Step[] {
  const texts = Object.hasOwn(CLASSES, className) ? CLASSES[className]!(config) : [className];
  return texts.map((text) => ({ layer: String(config.name ?? className), text }));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new Error("its description of the network is not JSON");
  }
}

/** The layers of a Sequential, or of a Functional that is a chain. A nested network is replaced by its layers. */
function describedLayers(json: string): LayerText[] {
  const network = parsed(json);
  return layersIn(isRecord(network) ? network.config : undefined, 0);
}

/** The deepest nesting of networks that is accepted. */
const MOST_NESTED = 8;

function layersIn(config: unknown, depth: number): LayerText[] {
  // Before Keras 2.2.3 the configuration of a Sequential was a plain list.
  const list = isRecord(config) ? config.layers : config;
  if (!Array.isArray(list)) throw new Error("its description of the network holds no layers");
  if (depth > MOST_NESTED) throw new Error(`its description nests more than ${MOST_NESTED} networks`);
  return list.flatMap((layer: unknown) => {
    if (!isRecord(layer) || typeof layer.class_name !== "string") {
      throw new Error("its description of the network holds something that is not a layer");
    }
    if (NETWORKS.includes(layer.class_name)) return layersIn(layer.config, depth + 1);
    if (isRecord(layer.config)) return [{ className: layer.class_name, config: layer.config }];
    throw new Error("its description of the network holds something that is not a layer");
  });
}
