/**
 * Runs in the page for scroll_grid.ts: notes the time between frames, the time of the page's frame callbacks, and cells
 * that are white. No pixel of the synthetic patches is white.
 */
const CELL = { width: 62, height: 78, border: 3, picture: 50 };

window.scrollMeter = (() => {
  const nextFrame = window.requestAnimationFrame.bind(window);
  const grid = () => document.querySelector(".patch-grid");
  let isOn = false;
  let noted;
  let work = 0;
  let last = 0;
  let whiteSince;

  /** After each drawing: whether one of three cells across the middle row is white. */
  const look = (time) => {
    const canvas = grid()?.querySelector("canvas");
    if (!canvas) return;
    const top = grid().scrollTop;
    const row = Math.floor((top + canvas.height / 2) / CELL.height);
    const y = Math.round(row * CELL.height - top) + 2 * CELL.border + CELL.picture / 2;
    const isWhite = [1, 9, 17].some((column) => {
      const x = column * CELL.width + 2 * CELL.border + CELL.picture / 2;
      const [red, green, blue] = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
      return red === 255 && green === 255 && blue === 255;
    });
    if (isWhite) whiteSince ??= time;
    noted.white = Math.max(noted.white, whiteSince === undefined ? 0 : time - whiteSince);
    if (!isWhite) whiteSince = undefined;
    if (canvas.dataset.missing !== "0") noted.missing++;
  };

  window.requestAnimationFrame = (callback) =>
    nextFrame((time) => {
      const begin = performance.now();
      callback(time);
      work += performance.now() - begin;
      if (isOn) look(time);
    });

  const frame = (time) => {
    if (!isOn) return;
    noted.frames.push(time - last);
    noted.work.push(work);
    work = 0;
    last = time;
    nextFrame(frame);
  };

  /** Waits until every visible cell has its pixels. */
  const settled = async () => {
    const canvas = grid().querySelector("canvas");
    while (canvas && canvas.dataset.missing !== "0") await new Promise(nextFrame);
  };

  return {
    settled,
    height: () => grid().scrollHeight,
    top() {
      grid().scrollTop = 0;
    },
    begin() {
      noted = { frames: [], work: [], white: 0, missing: 0 };
      isOn = true;
      nextFrame((time) => {
        last = time;
        work = 0;
        nextFrame(frame);
      });
    },
    async end() {
      isOn = false;
      const { scrollTop, clientHeight, scrollHeight } = grid();
      const begin = performance.now();
      await settled();
      return { ...noted, reached: (scrollTop + clientHeight) / scrollHeight, settled: performance.now() - begin };
    },
    /** Puts an empty scroller of the same height in the grid's place. */
    empty() {
      const empty = grid().cloneNode(false);
      const size = document.createElement("div");
      size.style.height = `${grid().scrollHeight}px`;
      empty.append(size);
      grid().replaceWith(empty);
    },
  };
})();
