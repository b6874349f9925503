import { useRef, useState } from 'preact/hooks';
import type { Issue } from '../../../src/diagnostics/index.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Mark } from '../components/mark.tsx';
import { ErrorNotice } from '../components/notice.tsx';
import { ApplyDialog } from './apply-dialog.tsx';
import { resourceText } from './configuration.ts';
import { HIDDEN, useValidation } from './draft.ts';
import { Finding, NextFindingButton } from './findings.tsx';
import { PreviewPanel } from './preview-panel.tsx';
import type { SourceTabProps } from './yaml-tab.tsx';

interface DraftText {
  readonly text: string;
  /** What it was made from. */
  readonly base: string;
}

const FEWEST_ROWS = 16;
/** Of a larger text the browser would lay out every line; it scrolls instead. */
const MOST_ROWS = 200;

/** Drafts of this tab of the browser; a look at another page does not cost one. */
const drafts = new Map<string, DraftText>();

/** A copy of the YAML to try things in. Nothing runs before it is applied. */
export function DraftTab({ document, pipeline }: SourceTabProps) {
  const { kind, name } = pipeline;
  const key = `${kind}/${name}`;
  const written = resourceText(document, pipeline);
  const original = written === undefined ? skeleton(kind) : `${written.lines.join('\n')}\n`;
  const [draft, setDraft] = useState(drafts.get(key));
  // Without a change of the user's it follows the file.
  const text = draft?.text ?? original;
  const [applying, setApplying] = useState(false);
  const editor = useRef<HTMLTextAreaElement>(null);
  const { result, error } = useValidation(text);
  const issues = result?.issues ?? [];
  const blocked = whyNot(text, issues);

  const keep = (next: DraftText | undefined) => {
    if (next === undefined) drafts.delete(key);
    else drafts.set(key, next);
    setDraft(next);
  };
  return (
    <section aria-label="Draft" class="draft">
      <div class="tab-head">
        <p class="muted">Nothing runs before you apply it. Tab leaves the editor; indent with spaces.</p>
        <NextFindingButton count={issues.length} />
        <button type="button" class="button" disabled={text === original} onClick={() => keep(undefined)}>
          Start over
        </button>
        <CopyButton text={() => text} />
        <button type="button" class="button" onClick={() => download(`${name}.yaml`, text)}>
          Download
        </button>
        <button
          type="button"
          class="button button-primary"
          aria-disabled={blocked !== undefined}
          aria-describedby="draft-state"
          onClick={() => blocked === undefined && setApplying(true)}
        >
          Apply …
        </button>
      </div>
      <div class="draft-panes">
        <textarea
          ref={editor}
          class="draft-editor"
          aria-label={`Draft of ${kind} ${name}`}
          spellcheck={false}
          autocomplete="off"
          wrap="off"
          value={text}
          rows={Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, text.split('\n').length + 2))}
          onInput={(event) => keep({ text: event.currentTarget.value, base: draft?.base ?? original })}
        />
        <div class="draft-findings">
          <p id="draft-state" role="status">
            {blocked ?? (error === undefined ? summary(issues, result !== undefined) : '')}
          </p>
          {draft !== undefined && draft.base !== original && draft.text !== original && (
            <p>
              <Mark state="warning" /> What runs has changed since this draft was begun; Start over shows it.
            </p>
          )}
          {error !== undefined && <ErrorNotice error={error} />}
          {issues.map((issue, index) => (
            <div key={index} class="draft-finding">
              {issue.span !== undefined && (
                <button
                  type="button"
                  class="button button-small"
                  onClick={() => selectLine(editor.current, issue.span?.line ?? 1)}
                >
                  line {issue.span.line}
                </button>
              )}
              <Finding issue={issue} />
            </div>
          ))}
        </div>
      </div>
      <PreviewPanel text={text} kind={kind} name={name} onLine={(line) => selectLine(editor.current, line)} />
      {applying && (
        <ApplyDialog
          file={written?.file ?? `${name}.yaml`}
          text={text}
          onClose={(done) => {
            setApplying(false);
            if (done) keep(undefined);
          }}
        />
      )}
    </section>
  );
}

/** Why a draft cannot be applied as it stands. */
function whyNot(text: string, issues: readonly Issue[]): string | undefined {
  if (text.includes(HIDDEN)) {
    return `${HIDDEN} stands where a value is masked. Put the value back before you apply, or edit the file itself.`;
  }
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  if (errors === 0) return undefined;
  return `${errors} ${errors === 1 ? 'error' : 'errors'}: it cannot be applied like this.`;
}

function summary(issues: readonly Issue[], isKnown: boolean): string {
  if (!isKnown) return 'Checking …';
  return issues.length === 0 ? 'No findings.' : `${issues.length} ${issues.length === 1 ? 'warning' : 'warnings'}.`;
}

function selectLine(editor: HTMLTextAreaElement | null, line: number): void {
  if (editor === null) return;
  const lines = editor.value.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  editor.focus();
  editor.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
}

function download(file: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file;
  link.click();
  URL.revokeObjectURL(url);
}

/** Something to begin with, where the pipeline stands in no file. */
function skeleton(kind: string): string {
  return `apiVersion: telemetry.kyma-project.io/v1beta1
kind: ${kind}
metadata:
  name: console
spec:
  output:
    stdout: {}
`;
}
