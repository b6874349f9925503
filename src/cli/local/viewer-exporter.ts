import type { ExporterFactory } from '../../engine/index.ts';
import { Type } from '../../lib/index.ts';
import type { Viewer } from '../../server/index.ts';

/** What people are told instead of an address, in whatever process the viewer is. */
export const VIEWER_DESTINATION = 'the UI';

/** The exporter type `sluice_viewer`: hands what arrives to the UI's in-memory viewer. It never fails, so it has no queue. */
export function viewerExporter(viewer: Viewer): ExporterFactory {
  return {
    schema: Type.Object({}, { additionalProperties: false }),
    create: () => ({
      destination: VIEWER_DESTINATION,
      send(batch) {
        viewer.add(batch.signal, batch.bytes, batch.itemCount);
        return { status: 'delivered', rejectedCount: 0 };
      },
    }),
  };
}
