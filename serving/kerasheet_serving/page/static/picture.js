// From a drawing or a file to the image that is sent.

import { trace } from "./drawing.js";

const LONGEST = 1024; // pixels of a file's longer side, at most
const SIDE = 448; // pixels of a drawing's longer side
const SHARES = { fill: 1, margin: 0.78 }; // of the height, for what was drawn
// Digits that models learn from are thicker and softer than what a pen leaves here.
const INK = 0.17;
const SOFT = 0.045;
const WIDEST = 0.8;

/** The image to send: what was drawn is framed as told, a picture stays as it is. */
export function imageOf(drawing, width, height, framing, swapped) {
  const { picture, strokes } = drawing;
  const image = picture ? blank(picture.width, picture.height, LONGEST) : blank(width, height, SIDE);
  const context = image.getContext("2d");
  if (picture) context.drawImage(picture, 0, 0, image.width, image.height);
  else ink(context, strokes, framing);
  if (swapped) {
    context.globalCompositeOperation = "difference";
    context.fillStyle = "#fff";
    context.fillRect(0, 0, image.width, image.height);
  }
  return image;
}

/** A black canvas of some proportions, with a longer side that is no longer than told. */
function blank(width, height, longest) {
  const scale = longest / Math.max(width, height);
  const shrink = longest === SIDE ? scale : Math.min(1, scale);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * shrink));
  canvas.height = Math.max(1, Math.round(height * shrink));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

function ink(context, strokes, framing) {
  const { width, height } = context.canvas;
  const share = SHARES[framing];
  const pen = INK * (share ?? 0.7) * Math.min(width, height);
  const place = share ? centred(strokes, width, height, share, pen) : ({ x, y }) => [x * width, y * height];
  // Only the shadow falls into the image: it is soft in every browser.
  const away = 4 * width;
  context.shadowColor = "#fff";
  context.shadowBlur = 2 * SOFT * (share ?? 0.7) * Math.min(width, height);
  context.shadowOffsetX = away;
  trace(context, strokes, pen, (point) => {
    const [x, y] = place(point);
    return [x - away, y];
  });
  context.shadowColor = "transparent";
}

/** Places points so that strokes fill a share of the image, in its middle, undistorted. */
function centred(strokes, width, height, share, pen) {
  const points = strokes.flat().map(({ x, y }) => [x * width, y * height]);
  const [left, right] = extent(points.map(([x]) => x));
  const [top, bottom] = extent(points.map(([, y]) => y));
  const scale = Math.min(
    (share * height - pen) / Math.max(bottom - top, 1),
    (share * WIDEST * width - pen) / Math.max(right - left, 1),
  );
  return ({ x, y }) => [
    width / 2 + (x * width - (left + right) / 2) * scale,
    height / 2 + (y * height - (top + bottom) / 2) * scale,
  ];
}

function extent(numbers) {
  return numbers.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
}

/** A canvas as the base64 of a PNG file. */
export function png(canvas) {
  return canvas.toDataURL("image/png").split(",")[1];
}

/** Decode an image file. Throws a sentence if it is none. */
export async function decode(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(`“${file.name}” is not an image that this browser can read. Choose a PNG or JPEG file.`);
  }
}
