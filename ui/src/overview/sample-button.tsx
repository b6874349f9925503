import { useState } from 'preact/hooks';
import type { SampleDocument } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { ApiError, postJson } from '../shell/api-client.ts';

type State =
  | { readonly status: 'idle' | 'running' }
  | { readonly status: 'done'; readonly sample: SampleDocument }
  | { readonly status: 'failed'; readonly error: ApiError };

/** Runs the built-in generator of the engine. */
export function SampleButton({ primary = false }: { readonly primary?: boolean }) {
  const [state, setState] = useState<State>({ status: 'idle' });
  const run = async () => {
    setState({ status: 'running' });
    try {
      setState({ status: 'done', sample: await postJson<SampleDocument>('/api/v1/local/sample') });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setState({ status: 'failed', error });
    }
  };
  return (
    <div class="sample">
      <button
        type="button"
        class={primary ? 'button button-primary' : 'button'}
        aria-disabled={state.status === 'running'}
        onClick={() => state.status !== 'running' && run()}
      >
        {state.status === 'running' ? 'Generating …' : 'Generate sample data'}
      </button>
      <div aria-live="polite">
        {state.status === 'done' && <SampleResult sample={state.sample} />}
        {state.status === 'failed' && (
          <p class="sample-result">
            <span class="mark mark-failing" aria-hidden="true">
              ✗
            </span>{' '}
            {state.error.message}. {state.error.help}
          </p>
        )}
      </div>
    </div>
  );
}

function SampleResult({ sample: { sent, traceId } }: { readonly sample: SampleDocument }) {
  return (
    <p class="sample-result">
      Sent {sent.traces} spans, {sent.metrics} metric points and {sent.logs} log records.{' '}
      <Link href={traceId === undefined ? '/explore/traces' : `/explore/traces/${traceId}`}>Look at a trace</Link>
    </p>
  );
}
