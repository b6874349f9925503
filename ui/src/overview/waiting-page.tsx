import type { OverviewDocument } from '../../../src/server/api.ts';
import { timeOfDay } from '../shell/format.ts';
import { FirstData } from './first-data.tsx';
import { Problems } from './problems.tsx';
import { SampleButton } from './sample-button.tsx';
import { SendData } from './send-data.tsx';
import { hostAndPort } from './snippets.ts';
import { TurnedAway } from './turned-away.tsx';

/** What a newcomer sees first: where to send data, and how far the first item has come. */
export function WaitingPage({ document }: { readonly document: OverviewDocument }) {
  const { endpoints, progress, turnedAway } = document;
  return (
    <div class="waiting">
      <div class="waiting-head">
        <h1>Send your first telemetry</h1>
        <p>
          Nothing to configure: this machine listens on <code>{hostAndPort(endpoints.grpc)}</code> and{' '}
          <code>{hostAndPort(endpoints.http)}</code>. Each port takes gRPC and HTTP; {sdkHint(endpoints)}
        </p>
      </div>
      {document.problems.length > 0 && <Problems problems={document.problems} />}
      <section aria-labelledby="progress-title" class="panel progress-panel">
        <h2 id="progress-title">{document.health.sentence}</h2>
        <FirstData steps={progress.steps} />
        <p class="muted">{lastAttempt(progress)}</p>
        <div class="no-app">
          <span>No app at hand?</span> <SampleButton primary />
        </div>
      </section>
      {turnedAway.length > 1 && <TurnedAway reasons={turnedAway} />}
      <section aria-labelledby="send-title" class="panel">
        <h2 id="send-title">From your app</h2>
        <SendData document={document} />
      </section>
      <section aria-labelledby="help-list-title" class="waiting-help">
        <h2 id="help-list-title">Not working?</h2>
        <ol>
          <li>
            Is the app on this machine? In a container, use <code>host.docker.internal</code> instead of{' '}
            <code>localhost</code>, and start the server with <code>--host 0.0.0.0</code>.
          </li>
          <li>
            <code>OTEL_LOG_LEVEL=warn</code> makes the Node.js SDK print export errors; without it they are silent.
          </li>
          <li>An attempt that fails shows above, with the sentence that was sent back to the app.</li>
        </ol>
      </section>
    </div>
  );
}

/** SDKs look for localhost:4317 and localhost:4318 by themselves. */
function sdkHint({ grpc, http }: OverviewDocument['endpoints']): string {
  const standard = hostAndPort(grpc) === 'localhost:4317' && hostAndPort(http) === 'localhost:4318';
  return standard ? 'any OpenTelemetry SDK works with its defaults.' : 'point any OpenTelemetry SDK at one of them.';
}

const OUTCOME = { accepted: 'accepted', rejected: 'rejected', refused: 'refused for now' } as const;

/** Its message is left out where the step above says it already. */
function lastAttempt({ lastAttempt: attempt, steps }: OverviewDocument['progress']): string {
  if (attempt === undefined) return 'Last attempt: none so far.';
  const what = attempt.signal === undefined ? '' : ` ${attempt.signal}`;
  const protocol = attempt.protocol === 'unknown' ? '' : ` over ${attempt.protocol === 'grpc' ? 'gRPC' : 'HTTP'}`;
  const isSaid = attempt.message === undefined || steps.at(-1)?.detail?.includes(attempt.message);
  const message = isSaid ? '' : `: ${attempt.message}`;
  return `Last attempt: ${timeOfDay(attempt.at, false)} from ${attempt.peer}${protocol},${what} ${OUTCOME[attempt.outcome]}${message}`;
}
