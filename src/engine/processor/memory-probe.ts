import { totalmem } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The process's memory, as the limiter sees it. */
export interface MemoryProbe {
  usedBytes(): number;
  /** What the process may use at all: the container's limit, else the machine's memory. */
  totalBytes(): number;
  collectGarbage(): void;
}

export const processMemory: MemoryProbe = {
  usedBytes() {
    const { used_heap_size, external_memory } = getHeapStatistics();
    return used_heap_size + external_memory;
  },
  totalBytes() {
    const limit = process.constrainedMemory();
    return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  },
  collectGarbage() {
    // The flag only makes the function reachable in contexts made from now on; it costs nothing else.
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    gc();
  },
};
