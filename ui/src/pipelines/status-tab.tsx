import type { PipelineSourceDocument, PipelineStatus } from '../../../src/server/api.ts';
import { Mark } from '../components/mark.tsx';
import { Sparkline } from '../components/sparkline.tsx';
import { PipelineDetail } from '../overview/pipeline-detail.tsx';
import { Problems } from '../overview/problems.tsx';
import { age, bytes, shortNumber } from '../shell/format.ts';
import { overview } from '../shell/live.ts';
import { RUNS_MARK, RUNS_WORD } from './configuration.ts';
import { RulesPanel } from './rules-table.tsx';

interface StatusTabProps {
  readonly status: PipelineStatus;
  readonly source: PipelineSourceDocument | undefined;
}

export function StatusTab({ status, source }: StatusTabProps) {
  const problems = (overview.value?.problems ?? []).filter(
    ({ pipeline }) => pipeline?.kind === status.kind && pipeline.name === status.name,
  );
  return (
    <div class="pipeline-status">
      {problems.length > 0 && <Problems problems={problems} />}
      <section class="panel" aria-label="Flow">
        <dl class="figures status-figures">
          <Figure name="in" value={`${shortNumber(status.inPerSecond)}/s`} />
          <Figure name="out" value={`${shortNumber(status.outPerSecond)}/s`} />
          <Figure name="filtered" value={`${shortNumber(status.filteredPerSecond)}/s`} />
          <Figure name="lost in 5 min" value={shortNumber(status.lostRecently)} />
          <Figure name="queue" value={queueText(status)} />
          <Figure name="newest" value={age(status.newestAgeSeconds)} />
        </dl>
        <Sparkline
          values={status.trend}
          tone={status.signal}
          height={48}
          label={`in per second, now ${shortNumber(status.inPerSecond)}`}
        />
      </section>
      <RulesPanel status={status} />
      <section class="panel" aria-label="State">
        {source !== undefined && (
          <p>
            <Mark state={RUNS_MARK[source.runs]} /> Configuration: {RUNS_WORD[source.runs]}
            {source.source === undefined ? ` (${source.origin})` : ` (${source.source.file}:${source.source.line})`}
          </p>
        )}
        <PipelineDetail pipeline={status} />
      </section>
    </div>
  );
}

function queueText({ queue: { sizeBytes, capacityBytes, disk } }: PipelineStatus): string {
  if (disk?.failure !== undefined) return 'the disk takes nothing';
  const where = disk === undefined ? '' : ' on disk';
  return capacityBytes === 0 ? 'none' : `${bytes(sizeBytes)} of ${bytes(capacityBytes)}${where}`;
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
