// Pictures before they are sent: checked, and made smaller where a phone's camera made them huge.

export const PICTURE_TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const LARGE_BYTES = 1.5 * 1024 * 1024;
const LONGEST_SIDE = 2048;

export function refusal(file: { type: string; size: number }, maxBytes: number): "" | "file_kind_refused" | "file_too_large" {
  if (PICTURE_TYPES.indexOf(file.type) < 0) return "file_kind_refused";
  // A photo may shrink below the limit, an animation or a drawing is sent as it is.
  const shrinks = file.type === "image/jpeg" || file.type === "image/webp";
  return file.size > maxBytes && !(shrinks && file.size <= maxBytes * 4) ? "file_too_large" : "";
}

export function fitWithin(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** A smaller JPEG of a large photo; the picture itself where that is small, not a photo, or the browser cannot. */
export async function shrink(file: Blob): Promise<Blob> {
  if (file.size < LARGE_BYTES || (file.type !== "image/jpeg" && file.type !== "image/webp")) return file;
  try {
    const image = await load(file);
    const size = fitWithin(image.naturalWidth, image.naturalHeight, LONGEST_SIDE);
    const canvas = document.createElement("canvas");
    canvas.width = size.width;
    canvas.height = size.height;
    const context = canvas.getContext("2d");
    if (!context) return file;
    context.drawImage(image, 0, 0, size.width, size.height);
    const smaller = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.86));
    return smaller && smaller.size < file.size ? smaller : file;
  } catch {
    return file;
  }
}

function load(file: Blob): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    const url = URL.createObjectURL(file);
    image.onload = () => {
      URL.revokeObjectURL(url);
      resolve(image);
    };
    image.onerror = () => {
      URL.revokeObjectURL(url);
      reject(new Error("picture"));
    };
    image.src = url;
  });
}
