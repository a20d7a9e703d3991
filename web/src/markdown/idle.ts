// Work that may wait, such as colours and formulas: a few milliseconds of it at a time, so that the page stays alive.

/** Shorter than a frame. */
const SLICE_MS = 8;

const tasks = new Set<() => void>();
let isScheduled = false;

function run(): void {
  isScheduled = false;
  const startMs = performance.now();
  for (const task of tasks) {
    tasks.delete(task);
    task();
    if (performance.now() - startMs > SLICE_MS) break;
  }
  if (tasks.size > 0) schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setTimeout(run, 0);
}

/** Runs `task` soon, after those that were asked for before. The result takes it back, as often as it is called. */
export function whenIdle(task: () => void): () => void {
  const own = () => task();
  tasks.add(own);
  schedule();
  return () => void tasks.delete(own);
}
