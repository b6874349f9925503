import { edits, type OttlCase } from '../case.ts';
import { chainCases } from './chains.ts';
import { filterCases } from './filters.ts';
import { languageCases } from './language.ts';
import { metricCases } from './metrics.ts';
import { numberCases } from './numbers.ts';
import { parsingCases } from './parsing.ts';
import { pathCases } from './paths.ts';
import { textCases } from './texts.ts';
import { timeCases } from './times.ts';

/** A few statements over requests of any shape. */
const generated: readonly OttlCase[] = [
  ...edits(
    'log',
    ['set(attributes["x"], body)', 'set(resource.attributes["x"], 1)', 'flatten(attributes)', 'set(severity_text, "")'],
    {
      unordered: true,
    },
  ),
  ...edits('span', [
    'set(attributes["x"], name)',
    'set(name, "x") where Len(events) > 0',
    'delete_matching_keys(attributes, "")',
  ]),
  ...edits('spanevent', ['set(attributes["x"], span.name)']),
  ...edits('datapoint', [
    'set(attributes["x"], metric.name)',
    'set(attributes["x"], value_double)',
    'set(time_unix_nano, 1)',
  ]),
  ...edits('metric', [
    'set(unit, name)',
    'copy_metric(name="c") where name != "c"',
    'convert_sum_to_gauge()',
    'extract_count_metric(true)',
  ]),
].map((one) => ({ ...one, name: `generated ${one.name}`, corpus: 'generated' as const }));

export const CASES: readonly OttlCase[] = [
  ...textCases,
  ...numberCases,
  ...timeCases,
  ...parsingCases,
  ...languageCases,
  ...pathCases,
  ...metricCases,
  ...filterCases,
  ...chainCases,
  ...generated,
];
