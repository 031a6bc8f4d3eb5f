// A photo's pixels as they lie in its file, upright, without colour management: what the indexer sees
// of the shop's photos.

/** The part to look at, in shares of the upright photo. */
export interface CropBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

// Larger photos are first scaled down to this side: phones would run out of memory.
const MOST_SIDE = 4096;

export async function pixelsOf(photo: Blob, crop: CropBox = {x: 0, y: 0, width: 1, height: 1}): Promise<ImageData> {
  const bitmap = await createImageBitmap(photo, {
    imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "default",
  });
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const left = clamp(Math.round(crop.x * width), 0, width - 1);
  const top = clamp(Math.round(crop.y * height), 0, height - 1);
  const right = clamp(Math.round((crop.x + crop.width) * width), left + 1, width);
  const bottom = clamp(Math.round((crop.y + crop.height) * height), top + 1, height);
  const context = canvas(right - left, bottom - top);
  context.fillStyle = "#fff";  // transparency is laid on white
  context.fillRect(0, 0, right - left, bottom - top);
  context.drawImage(bitmap, -left, -top, width, height);
  bitmap.close();
  return context.getImageData(0, 0, right - left, bottom - top);
}

function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D {
  const surface = typeof OffscreenCanvas === "undefined"
    ? Object.assign(document.createElement("canvas"), {width, height}) : new OffscreenCanvas(width, height);
  const context = surface.getContext("2d", {alpha: false, willReadFrequently: true});
  if (!context) throw new Error("this browser gives no canvas to read the photo with");
  return context as OffscreenCanvasRenderingContext2D;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
