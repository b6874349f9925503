import { byteQuantity, type Data, object, oneOf, optional, text } from './schema.ts';

/** Extension of Sluice: what a pipeline promises, and what it may use to keep it. */
export const delivery = object('Extension of Sluice. Delivery guarantee and buffer of this pipeline.', {
  guarantee: optional(
    oneOf(
      'BestEffort (default): lost on a crash or when the buffer is full. AtLeastOnce: acknowledged after it is on disk.',
      ['BestEffort', 'AtLeastOnce'],
    ),
  ),
  buffer: optional(
    object('What waits between this pipeline and its backend.', {
      storage: optional(oneOf('Where the buffer lives. Default Memory; Disk for AtLeastOnce.', ['Memory', 'Disk'])),
      maxSize: optional(byteQuantity('Size of the buffer, at least 1Mi. Default 16Mi in memory, 1Gi on disk.')),
      maxAge: optional(
        text('Drops what is older, such as 24h.', { example: '24h', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' }),
      ),
      onFull: optional(
        oneOf(
          'What a full buffer does. DropNewest (default) and DropOldest lose data, counted; Block refuses the senders.',
          ['DropOldest', 'DropNewest', 'Block'],
        ),
      ),
      volume: optional(
        object('The volume of a buffer on disk, in Kubernetes.', {
          storageClassName: optional(text('Storage class of the volume. Default: that of the cluster.')),
          size: optional(byteQuantity('Size of the volume. Default: maxSize and a tenth.')),
        }),
      ),
    }),
  ),
});

export type DeliveryConfig = Data<typeof delivery>;
