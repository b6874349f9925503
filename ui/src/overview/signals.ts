import type { Signal } from '../../../src/pdata/index.ts';

/** In the order of the screen. */
export const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];
