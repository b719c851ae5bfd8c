/** Bodies that say whose they are in every 16 bytes: a foreign byte in one of them is seen wherever it lies. */

const MARK_BYTES = 16;

/** A body of about `size` bytes that consists of the mark of `id` and nothing else. */
export function markedBody(id: number, size: number): string {
  return markOf(id).repeat(Math.ceil(size / MARK_BYTES));
}

/** Whether `body` consists of whole marks of `id`. */
export function isMarkedBy(body: string, id: number): boolean {
  return body === markOf(id).repeat(body.length / MARK_BYTES);
}

function markOf(id: number): string {
  return `<${String(id).padStart(MARK_BYTES - 2, '.')}>`;
}
