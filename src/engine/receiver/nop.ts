import { defineReceiver } from '../component.ts';
import { settingsObject } from '../settings/schema.ts';

/** Receives nothing: for pipelines that only deliver what a queue on disk holds. */
export const nopReceiver = defineReceiver({
  schema: settingsObject({}),
  create: () => ({ start: async () => [], shutdown: async () => {} }),
});
