/**
 * The viewer: OpenSeadragon with tiles of the server, and canvases of our own over it. The map is a layer; a layer of
 * another part of the page, such as a brush, is added the same way.
 */
import OpenSeadragon from "openseadragon";
import type { SlideFacts } from "../../../api/slides.ts";
import type { ShownPlace } from "./view.ts";

/** Where the slide is on the screen: pixel p of the slide is at `p * zoom + origin`, in CSS pixels of the viewer. */
export interface ViewTransform {
  readonly zoom: number;
  readonly originX: number;
  readonly originY: number;
  /** The viewer's size in CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Something that is drawn over the slide whenever the view or the layer itself changes. */
export interface ViewerLayer {
  /** Draws in CSS pixels; the canvas is clear. */
  draw(context: CanvasRenderingContext2D, view: ViewTransform): void;
}

export interface SlideViewer {
  /** The element that gets pointer events; a brush listens here. */
  readonly surface: HTMLElement;
  /** Adds a layer over the others. @returns a function that draws it again, and one that removes it */
  addLayer(layer: ViewerLayer): { readonly redraw: () => void; readonly remove: () => void };
  /** Whether dragging and clicking move the view; a brush switches it off. */
  setNavigation(isOn: boolean): void;
  /** The place on the slide under a point of the viewer, both in their own pixels. */
  toSlide(x: number, y: number): { readonly x: number; readonly y: number };
  view(): ViewTransform;
  place(): ShownPlace;
  goTo(place: ShownPlace): void;
  /** Moves by shares of the view. */
  pan(right: number, down: number): void;
  zoomBy(factor: number): void;
  /** Shows the whole slide. */
  home(): void;
  /** Shows a rectangle of the slide with some space around it. */
  fitTo(left: number, top: number, width: number, height: number): void;
  /** The slide with its layers, as it is on the screen. */
  picture(): Promise<Blob>;
  close(): void;
}

export interface ViewerOptions {
  readonly facts: SlideFacts;
  readonly start: ShownPlace | undefined;
  /** Called after each change of the view. */
  readonly onMove: () => void;
  /** Called with a sentence if tiles cannot be loaded. */
  readonly onProblem: (message: string) => void;
}

const tileAddress = ({ id, version }: SlideFacts, z: number, x: number, y: number): string =>
  `/api/slides/${id}/tiles/${z}/${x}/${y}?version=${version}`;

const LARGEST_PIXEL = 8;
/** Space around a region, as a factor of its size. */
const AROUND = 3;

export function openViewer(element: HTMLElement, options: ViewerOptions): SlideViewer {
  const { facts, start, onMove, onProblem } = options;
  keepOutStyle();
  const full = facts.levels.at(-1)!;
  const viewer = new OpenSeadragon.Viewer({
    element,
    drawer: "canvas",
    tileSources: {
      ...{ width: full.width, height: full.height, tileSize: facts.tilePixels, tileOverlap: 0 },
      ...{ minLevel: Math.min(facts.levels.length - 1, 8), maxLevel: facts.levels.length - 1 },
      getTileUrl: (z: number, x: number, y: number) => tileAddress(facts, z, x, y),
    } as never,
    ...{ showNavigationControl: false, showNavigator: false, autoResize: true, animationTime: 0.4 },
    ...{ maxZoomPixelRatio: LARGEST_PIXEL, minZoomImageRatio: 0.5, visibilityRatio: 0.2, imageLoaderLimit: 8 },
    ...{ smoothTileEdgesMinZoom: Number.POSITIVE_INFINITY, crossOriginPolicy: false as const, timeout: 60_000 },
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
  });
  // The page has keys of its own.
  const { innerTracker } = viewer as unknown as { innerTracker: Record<"keyHandler" | "keyDownHandler", unknown> };
  innerTracker.keyHandler = null;
  innerTracker.keyDownHandler = null;
  viewer.canvas.setAttribute("role", "img");
  viewer.canvas.setAttribute("aria-label", "The slide. Arrows move it, plus and minus zoom.");
  const { viewport } = viewer;

  const canvas = document.createElement("canvas");
  canvas.className = "slide-layers";
  canvas.setAttribute("aria-hidden", "true");
  viewer.canvas.append(canvas);
  const layers = new Set<ViewerLayer>();

  const view = (): ViewTransform => {
    const origin = viewport.pixelFromPoint(new OpenSeadragon.Point(0, 0), true);
    const { x: width, y: height } = viewport.getContainerSize();
    const zoom = (viewport.getZoom(true) * width) / full.width;
    return { zoom, originX: origin.x, originY: origin.y, width, height };
  };
  const paint = (context: CanvasRenderingContext2D): void => {
    for (const layer of layers) {
      context.save();
      layer.draw(context, view());
      context.restore();
    }
  };
  const draw = (): void => {
    const { width, height } = view();
    const ratio = devicePixelRatio;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
    const context = canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    paint(context);
  };
  let isDue = false;
  const redraw = (): void => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      if (canvas.isConnected) draw();
    });
  };
  const place = (): ShownPlace => {
    const { zoom, originX, originY, width, height } = view();
    return { x: (width / 2 - originX) / zoom, y: (height / 2 - originY) / zoom, zoom };
  };
  const goTo = ({ x, y, zoom }: ShownPlace, isAtOnce = false): void => {
    viewport.zoomTo((zoom * full.width) / viewport.getContainerSize().x, undefined, isAtOnce);
    viewport.panTo(new OpenSeadragon.Point(x / full.width, y / full.width), isAtOnce);
    viewport.applyConstraints(isAtOnce);
  };

  viewer.addHandler("open", () => {
    if (start) goTo(start, true);
    redraw();
    onMove();
  });
  viewer.addHandler("update-viewport", redraw);
  viewer.addHandler("resize", redraw);
  viewer.addHandler("animation", onMove);
  viewer.addHandler("animation-finish", onMove);
  viewer.addHandler("tile-load-failed", ({ message }: { message?: string }) => {
    if (message !== "Image load aborted")
      onProblem("A part of the slide could not be loaded: the file may be damaged.");
  });

  return {
    surface: viewer.canvas as HTMLElement,
    addLayer(layer) {
      layers.add(layer);
      redraw();
      const remove = () => {
        layers.delete(layer);
        redraw();
      };
      return { redraw, remove };
    },
    setNavigation: (isOn) => viewer.setMouseNavEnabled(isOn),
    toSlide(x, y) {
      const { zoom, originX, originY } = view();
      return { x: (x - originX) / zoom, y: (y - originY) / zoom };
    },
    view,
    place,
    goTo: (to) => goTo(to),
    pan(right, down) {
      const { width, height } = viewport.getBounds();
      viewport.panBy(new OpenSeadragon.Point(right * width, down * height)).applyConstraints();
    },
    zoomBy: (factor) => void viewport.zoomBy(factor).applyConstraints(),
    home: () => void viewport.goHome(),
    fitTo(left, top, width, height) {
      const { width: across, height: down } = view();
      const zoom = Math.min(across / (width * AROUND), down / (height * AROUND), 2);
      goTo({ x: left + width / 2, y: top + height / 2, zoom });
    },
    async picture() {
      const { width, height } = view();
      const ratio = devicePixelRatio;
      const both = new OffscreenCanvas(Math.round(width * ratio), Math.round(height * ratio));
      const context = both.getContext("2d") as unknown as CanvasRenderingContext2D;
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, both.width, both.height);
      context.drawImage(viewer.drawer.canvas as HTMLCanvasElement, 0, 0, both.width, both.height);
      context.scale(ratio, ratio);
      paint(context);
      return both.convertToBlob({ type: "image/png" });
    },
    close() {
      viewer.destroy();
    },
  };
}

/**
 * OpenSeadragon adds a style sheet to the document unless it finds one with this mark; the page's policy forbids it. An
 * element of that name that is not of HTML is no style sheet.
 */
function keepOutStyle(): void {
  const mark = "data-openseadragon-mobile-css";
  if (document.querySelector(`style[${mark}]`)) return;
  const empty = document.createElementNS("urn:none", "style");
  empty.setAttribute(mark, "true");
  document.head.append(empty);
}
