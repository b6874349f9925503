import type { ReasonEntry } from './reason-entry.ts';
import { CONFIGURATION_REASONS } from './reasons-configuration.ts';
import { DELIVERY_REASONS } from './reasons-delivery.ts';
import { FLOW_REASONS } from './reasons-flow.ts';

export type { ReasonEntry } from './reason-entry.ts';

/** Every reason that a condition or status can give, by name. */
export const REASONS: readonly ReasonEntry[] = [...FLOW_REASONS, ...CONFIGURATION_REASONS, ...DELIVERY_REASONS].sort(
  (a, b) => (a.reason < b.reason ? -1 : 1),
);
