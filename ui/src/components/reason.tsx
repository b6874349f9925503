import { useState } from 'preact/hooks';
import type { ReasonEntry } from '../../../src/diagnostics/reason-entry.ts';
import type { PipelineStatus } from '../../../src/server/api.ts';
import { overview } from '../shell/live.ts';
import { Command } from './command.tsx';
import { Mark, type MarkState } from './mark.tsx';

const WORDS: Readonly<Record<string, string>> = {
  NoDataYet: 'no data yet',
  FlowHealthy: 'data flows',
  BufferFillingUp: 'the queue fills up',
  SomeDataDropped: 'some data is lost',
  AllDataDropped: 'all data is lost',
  ConfigurationInvalid: 'its configuration is invalid',
  NotConfigured: 'no longer configured',
};

/** Plain words; the reason itself where it is one that is not known here. */
export function reasonWords(reason: string): string {
  return WORDS[reason] ?? reason;
}

/** How a pipeline is, in plain words, with the word that conditions and commands have for it. */
export function Reason({ status }: { readonly status: PipelineStatus }) {
  const { reason, message } = status;
  const words = reasonWords(reason);
  return (
    <span class="reason" title={message}>
      <Mark state={readyMark(status)} /> {words} {words !== reason && <code class="reason-name">{reason}</code>}
    </span>
  );
}

/** Nothing is lost yet while a buffer fills, so that is a warning although the condition is False. */
export function readyMark({ ready, reason, backend }: PipelineStatus): MarkState {
  if (ready === 'False') return reason === 'BufferFillingUp' ? 'warning' : 'failing';
  if (backend.state === 'failing') return 'warning';
  return ready === 'True' ? 'ok' : 'waiting';
}

/** What `sluice explain` says about a reason; fetched when somebody asks. */
export function ReasonExplained({ reason }: { readonly reason: string }) {
  const [entry, setEntry] = useState<ReasonEntry>();
  const load = async () => {
    const { REASONS } = await import('../../../src/diagnostics/reasons.ts');
    setEntry(REASONS.find((candidate) => candidate.reason === reason));
  };
  return (
    <details class="reason-explained" onToggle={() => void load()}>
      <summary>
        What <code>{reason}</code> means
      </summary>
      {entry !== undefined && (
        <>
          <p>{entry.means}</p>
          {entry.causes.length > 0 && (
            <ul>
              {entry.causes.map((cause) => (
                <li key={cause}>{cause}</li>
              ))}
            </ul>
          )}
          <p>Is data safe? {entry.safe}</p>
        </>
      )}
      <Command text={`${overview.value?.program ?? 'sluice'} explain ${reason}`} />
    </details>
  );
}
