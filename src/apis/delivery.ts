import { byteQuantity, type Data, defaulted, extension, object, oneOf, optional, text } from './schema.ts';

/** Extension of Sluice: what a pipeline promises, and what it may use to keep it. */
export const delivery = extension(
  object('Delivery guarantee and buffer of this pipeline.', {
    guarantee: optional(
      defaulted(
        'BestEffort',
        oneOf(
          'BestEffort: lost on a crash or when the buffer is full. AtLeastOnce: acknowledged after it is on disk.',
          ['BestEffort', 'AtLeastOnce'],
        ),
      ),
    ),
    buffer: optional(
      object('What waits between this pipeline and its backend.', {
        storage: optional(
          defaulted('Memory; Disk for AtLeastOnce', oneOf('Where the buffer lives.', ['Memory', 'Disk'])),
        ),
        maxSize: optional(defaulted('16Mi in memory, 1Gi on disk', byteQuantity('Size of the buffer, at least 1Mi.'))),
        maxAge: optional(
          defaulted(
            'none; 24h for AtLeastOnce on the engine',
            text('Drops what is older; 0s: nothing is. Only the engine does.', {
              example: '24h',
              pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$',
            }),
          ),
        ),
        onFull: optional(
          defaulted(
            'DropNewest; Block for AtLeastOnce',
            oneOf(
              'What a full buffer does. DropNewest and DropOldest lose data, counted; Block refuses the senders. DropOldest needs the engine.',
              ['DropOldest', 'DropNewest', 'Block'],
            ),
          ),
        ),
        volume: optional(
          object('In a cluster, the volume of a buffer on disk; all buffers of a workload share it.', {
            storageClassName: optional(
              defaulted('that of the cluster', text('Storage class of the volume.', { example: 'fast' })),
            ),
            size: optional(
              defaulted(
                'maxSize and some; twice that of the Collector',
                byteQuantity('What this buffer needs of the volume, at least maxSize and a tenth of it.', '4Gi'),
              ),
            ),
          }),
        ),
      }),
    ),
  }),
);

export type DeliveryConfig = Data<typeof delivery>;
