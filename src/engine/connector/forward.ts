import type { SettingsSpec } from '../component.ts';
import { settingsObject } from '../settings/schema.ts';

/** Joins pipelines: what one exports to it, those that receive from it get. The graph connects them directly. */
export const forwardConnector: SettingsSpec = { schema: settingsObject({}) };
