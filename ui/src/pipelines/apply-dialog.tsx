import { useEffect, useRef, useState } from 'preact/hooks';
import type { ResourceChange } from '../../../src/server/api.ts';
import { ChangesTable } from '../components/changes-table.tsx';
import { ErrorNotice, Loading } from '../components/notice.tsx';
import { type Applying, applyDraft } from './draft.ts';
import { Finding } from './findings.tsx';

interface ApplyDialogProps {
  readonly file: string;
  readonly text: string;
  readonly onClose: (applied: boolean) => void;
}

/** Shows what would change, and changes it when it is confirmed. */
export function ApplyDialog({ file, text, onClose }: ApplyDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [plan, setPlan] = useState<Applying>({});
  const [done, setDone] = useState<Applying | undefined>(undefined);
  const [running, setRunning] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    void applyDraft(file, text, true).then(setPlan);
  }, []);
  const shown = done ?? plan;
  const applied = done?.result?.issues.every(({ severity }) => severity !== 'error') ?? false;
  const canApply = plan.result !== undefined && done === undefined && !running && changes(plan).length > 0;
  const apply = async () => {
    setRunning(true);
    setDone(await applyDraft(file, text, false));
    setRunning(false);
  };
  return (
    <dialog ref={dialog} class="apply-dialog" aria-labelledby="apply-title" onClose={() => onClose(applied)}>
      <h2 id="apply-title">{applied ? 'Applied' : 'Apply this draft?'}</h2>
      <div aria-live="polite">
        {shown.error !== undefined && <ErrorNotice error={shown.error} />}
        {shown.result === undefined && shown.error === undefined && <Loading />}
        {shown.result?.issues.map((issue, index) => (
          <Finding key={index} issue={issue} />
        ))}
        {applied && <p>Generation {done?.result?.generation} runs.</p>}
        {shown.result !== undefined && <Changes changes={shown.result.changes} />}
      </div>
      <div class="dialog-actions">
        {!applied && (
          <button
            type="button"
            class="button button-primary"
            aria-disabled={!canApply}
            onClick={() => canApply && void apply()}
          >
            {running ? 'Applying …' : 'Apply'}
          </button>
        )}
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          {applied ? 'Close' : 'Cancel'}
        </button>
      </div>
    </dialog>
  );
}

function changes({ result }: Applying): readonly ResourceChange[] {
  if (result === undefined || result.issues.some(({ severity }) => severity === 'error')) return [];
  return result.changes.filter(({ action }) => action !== 'unchanged');
}

function Changes({ changes }: { readonly changes: readonly ResourceChange[] }) {
  if (changes.every(({ action }) => action === 'unchanged')) return <p>Nothing changes.</p>;
  return (
    <ul class="changes">
      {changes.map(({ kind, name, action, fields }) => (
        <li key={`${kind}/${name}`}>
          <strong>
            {kind} {name}
          </strong>{' '}
          {action}
          {fields.length > 0 && <ChangesTable label={`Changes of ${name}`} changes={fields} />}
        </li>
      ))}
    </ul>
  );
}
