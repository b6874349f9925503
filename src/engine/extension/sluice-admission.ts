import type { Static } from 'typebox';
import { Type } from '../../lib/index.ts';
import { type AdmissionSettings, defaultAdmission } from '../admission/settings.ts';
import { defineExtension } from '../component.ts';
import { oneOf, settingsObject } from '../settings/schema.ts';

const Priority = Type.Integer({ minimum: 1, maximum: 10 });

const SluiceAdmissionConfig = settingsObject({
  senders: settingsObject({ by: oneOf('peer', 'service') }),
  priority: settingsObject({ traces: Priority, metrics: Priority, logs: Priority }),
});
type SluiceAdmissionConfig = Static<typeof SluiceAdmissionConfig>;

/** How senders share queues and memory. Without it they do by their addresses, and all signals count the same. */
export const sluiceAdmissionExtension = defineExtension({
  schema: SluiceAdmissionConfig,
  admission: parseAdmission,
  create: () => ({ start: async () => [], shutdown: async () => {} }),
});

function parseAdmission({ senders, priority }: SluiceAdmissionConfig): AdmissionSettings {
  return {
    by: senders?.by ?? defaultAdmission.by,
    priority: { ...defaultAdmission.priority, ...priority },
  };
}
