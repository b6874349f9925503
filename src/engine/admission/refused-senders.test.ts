import { expect, it } from 'vitest';
import { MetricsRegistry } from '../../lib/index.ts';
import { RefusedSenders } from './refused-senders.ts';

it('names the ten that were refused most, however many there are', () => {
  const metrics = new MetricsRegistry();
  const refused = new RefusedSenders(metrics);
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 3; i++) refused.add('10.0.0.1', 'queue');
    refused.add('10.0.0.2', 'memory');
    refused.add(`10.1.0.${round}`, 'queue');
  }
  expect(refused.top().slice(0, 2)).toEqual([
    { sender: '10.0.0.1', shared: 'queue', count: 300 },
    { sender: '10.0.0.2', shared: 'memory', count: 100 },
  ]);
  const lines = metrics.renderPrometheus().split('\n');
  expect(lines.filter((line) => line.startsWith('sluice_admission_over_share_sender{')).length).toBe(10);
  expect(lines).toContain('sluice_admission_over_share_total{shared="queue"} 400');
});
