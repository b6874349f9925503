import { expect, it } from 'vitest';
import { mergeMetrics } from './merge-metrics.ts';

it('gives each series the name of its process, and every family its head once', () => {
  const a = '# HELP up Is it.\n# TYPE up gauge\nup 1\n# HELP x X.\n# TYPE x counter\nx{a="{ b"} 2\nx{a="c"} 3\n';
  const b = '# HELP up Is it.\n# TYPE up gauge\nup 0\n';
  expect(
    mergeMetrics(
      new Map([
        ['one', a],
        ['two', b],
      ]),
    ),
  ).toBe(
    [
      '# HELP up Is it.',
      '# TYPE up gauge',
      'up{workload="one"} 1',
      'up{workload="two"} 0',
      '# HELP x X.',
      '# TYPE x counter',
      'x{workload="one",a="{ b"} 2',
      'x{workload="one",a="c"} 3',
      '',
    ].join('\n'),
  );
});
