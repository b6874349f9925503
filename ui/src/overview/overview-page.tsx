import type { OverviewDocument } from '../../../src/server/api.ts';
import { Mark } from '../components/mark.tsx';
import { Loading } from '../components/notice.tsx';
import { bytes, duration, timeOfDay } from '../shell/format.ts';
import { overview, paused } from '../shell/live.ts';
import { FirstData } from './first-data.tsx';
import { PipelineTable } from './pipeline-table.tsx';
import { Problems } from './problems.tsx';
import { SampleButton } from './sample-button.tsx';
import { SendData } from './send-data.tsx';
import { SignalCard } from './signal-card.tsx';
import { SIGNALS } from './signals.ts';
import { hostAndPort } from './snippets.ts';
import { TurnedAway } from './turned-away.tsx';
import { WaitingPage } from './waiting-page.tsx';

export function OverviewPage() {
  const document = overview.value;
  if (document === undefined) return <Loading />;
  return document.progress.received ? <RunningPage document={document} /> : <WaitingPage document={document} />;
}

function RunningPage({ document }: { readonly document: OverviewDocument }) {
  const { health, problems, signals, pipelines, turnedAway } = document;
  return (
    <div class="overview">
      <div class="overview-head">
        <h1 class={`health health-${health.state}`}>
          <Mark state={health.state} /> {headline(document)}
        </h1>
        <p class="muted as-of">
          {paused.value ? 'paused at ' : ''}
          <time dateTime={document.generatedAt} title={document.generatedAt}>
            {timeOfDay(document.generatedAt, false)}
          </time>
        </p>
      </div>
      {problems.length > 0 && <Problems problems={problems} />}
      {!document.progress.delivered && (
        <section aria-labelledby="first-title" class="panel">
          <h2 id="first-title">The first item</h2>
          <FirstData steps={document.progress.steps} />
        </section>
      )}
      {turnedAway.length > 0 && <TurnedAway reasons={turnedAway} />}
      <div class="cards">
        {SIGNALS.map((signal) => (
          <SignalCard key={signal} signal={signal} totals={signals[signal]} />
        ))}
      </div>
      <section aria-labelledby="pipelines-title" class="panel">
        <h2 id="pipelines-title">
          Pipelines <span class="muted">rates over the last 10 s</span>
        </h2>
        <PipelineTable pipelines={pipelines} />
      </section>
      <details class="panel more-data">
        <summary>Send more data</summary>
        <SampleButton />
        <SendData document={document} />
      </details>
      <Facts document={document} />
    </div>
  );
}

/** With problems their cards tell the rest. */
function headline({ health, problems, pipelines }: OverviewDocument): string {
  if (problems.length === 0) return health.sentence;
  const worst = problems.filter(({ severity }) => (severity === 'error') === (health.state === 'failing'));
  const named = worst.flatMap(({ pipeline }) => (pipeline === undefined ? [] : [`${pipeline.kind}/${pipeline.name}`]));
  const affected = new Set(named).size;
  if (affected === 0) return health.sentence;
  const [one, many] =
    health.state === 'failing' ? ['is failing', 'are failing'] : ['needs attention', 'need attention'];
  return `${affected} of ${pipelines.length} ${pipelines.length === 1 ? 'pipeline' : 'pipelines'} ${affected === 1 ? one : many}`;
}

function Facts({ document }: { readonly document: OverviewDocument }) {
  const { endpoints, memory, version, startedAt, generatedAt, processes } = document;
  const upSeconds = (Date.parse(generatedAt) - Date.parse(startedAt)) / 1000;
  return (
    <dl class="facts">
      <div>
        <dt>OTLP, gRPC and HTTP on both</dt>
        <dd>
          <code>{hostAndPort(endpoints.grpc)}</code> <code>{hostAndPort(endpoints.http)}</code>
        </dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>
          {bytes(memory.rssBytes)} of {bytes(memory.limitBytes)}
        </dd>
      </div>
      {processes !== undefined && (
        <div>
          <dt>Processes</dt>
          <dd>
            {processes.filter(({ state }) => state === 'running').length} of {processes.length} run
          </dd>
        </div>
      )}
      <div>
        <dt>Up</dt>
        <dd>{duration(Math.max(0, Math.floor(upSeconds)))}</dd>
      </div>
      <div>
        <dt>Version</dt>
        <dd>{version}</dd>
      </div>
      <div>
        <dt>Own metrics</dt>
        <dd>
          <a href="/metrics">/metrics</a>
        </dd>
      </div>
    </dl>
  );
}
