// Files that are sent ahead of their question: made smaller where they are images, and kept by the Worker.

import * as api from "../api/chat";
import type { Kept } from "../api/types";

/** Longest side of an image that is sent, in pixels: models see no more. */
const MAX_SIDE = 2_048;
/** Largest image that is sent as it is, in bytes: four of them are read for one question. */
const MAX_IMAGE_BYTES = 1_100_000;
const AS_THEY_ARE = new Set(["image/png", "image/jpeg", "image/webp"]);

/** Sends a file and returns what is kept of it. Throws a `Problem` that says why it is not. */
export async function upload(file: File): Promise<Kept> {
  const { name, blob } = await prepared(file);
  const { id, name: known, type } = await api.files.send(name, blob);
  return { id, name: known, type, isUnasked: true };
}

/** Has the Worker delete a file that no question has brought; it would do that after a day. */
export function discard(file: Kept): void {
  if (file.isUnasked) void api.files.discard(file.id).catch(() => {});
}

/** Returns an image as models take it, and any other file as it is. */
async function prepared(file: File): Promise<{ name: string; blob: Blob }> {
  const asItIs = { name: file.name, blob: file };
  if (!file.type.startsWith("image/") || file.type === "image/svg+xml") return asItIs;
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(file);
  } catch {
    // What the browser cannot show the Worker refuses, in words.
    return asItIs;
  }
  try {
    const share = Math.min(1, MAX_SIDE / Math.max(image.width, image.height));
    if (share === 1 && AS_THEY_ARE.has(file.type) && file.size <= MAX_IMAGE_BYTES) return asItIs;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * share));
    canvas.height = Math.max(1, Math.round(image.height * share));
    const brush = canvas.getContext("2d");
    if (!brush) return asItIs;
    // A photograph has no transparent parts; those of a drawing become paper.
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob ? { name: `${file.name.replace(/\.[^.]*$/, "")}.jpg`, blob } : asItIs;
  } finally {
    image.close();
  }
}
