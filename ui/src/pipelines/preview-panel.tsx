import { useState } from 'preact/hooks';
import type { PreviewDocument, PreviewItem, PreviewRule } from '../../../src/server/api.ts';
import { ChangesTable } from '../components/changes-table.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { Mark } from '../components/mark.tsx';
import { ErrorNotice, Notice } from '../components/notice.tsx';
import { thousands } from '../shell/format.ts';
import { usePreview } from './preview.ts';

const LAST = 50;

interface PreviewPanelProps {
  readonly text: string;
  readonly kind: string;
  readonly name: string;
  readonly onLine: (line: number) => void;
}

/** What the rules of the draft do to the last items, or to pasted ones, before it is applied. */
export function PreviewPanel({ text, kind, name, onLine }: PreviewPanelProps) {
  const [pasted, setPasted] = useState<string | undefined>(undefined);
  const [round, setRound] = useState(0);
  const input = pasted === undefined ? { last: LAST } : { otlpJson: pasted };
  const { result, error } = usePreview({ text, kind, name, input }, round);
  return (
    <section class="preview" aria-labelledby="preview-title">
      <div class="tab-head">
        <h2 id="preview-title">Preview</h2>
        <fieldset class="preview-input">
          <legend class="visually-hidden">Data to try the rules on</legend>
          <label>
            <input type="radio" name="preview" checked={pasted === undefined} onChange={() => setPasted(undefined)} />
            last {LAST} items
          </label>
          <label>
            <input
              type="radio"
              name="preview"
              checked={pasted !== undefined}
              onChange={() => setPasted(pasted ?? '')}
            />{' '}
            pasted OTLP/JSON
          </label>
        </fieldset>
        <button type="button" class="button" onClick={() => setRound(round + 1)}>
          Run again
        </button>
      </div>
      {pasted !== undefined && (
        <textarea
          class="draft-editor"
          aria-label="OTLP/JSON to try the rules on"
          rows={6}
          spellcheck={false}
          wrap="off"
          value={pasted}
          onInput={(event) => setPasted(event.currentTarget.value)}
        />
      )}
      {error !== undefined && <ErrorNotice error={error} />}
      {result !== undefined && error === undefined && <Outcome document={result} onLine={onLine} />}
    </section>
  );
}

function Outcome({
  document,
  onLine,
}: {
  readonly document: PreviewDocument;
  readonly onLine: (line: number) => void;
}) {
  const { pipeline, rules, items } = document;
  if (pipeline === undefined || document.issues.some(({ severity }) => severity === 'error')) {
    return <p class="muted">The draft has an error; the findings above say which.</p>;
  }
  if (document.inputProblem !== undefined) {
    return (
      <p role="alert">
        <Mark state="failing" /> This is no OTLP/JSON: {document.inputProblem}
      </p>
    );
  }
  if (items.length === 0) {
    return (
      <Notice title="No data to try it on yet">
        <p>Send some, or paste OTLP/JSON.</p>
      </Notice>
    );
  }
  const failed = items.filter((item) => item.failed.length > 0).length;
  return (
    <>
      <p role="status">
        {document.in} {document.in === 1 ? 'item' : 'items'} in, {document.out} out, {document.dropped} filtered
        {failed > 0 && (
          <>
            , <Mark state="warning" /> {failed} with a rule that could not be evaluated
          </>
        )}
      </p>
      {rules.length === 0 ? <p class="muted">The draft has no transform and no filter.</p> : null}
      {rules.length < document.ruleCount && (
        <p class="muted">
          {thousands(document.ruleCount)} rules, {thousands(rules.length)} rules shown: those that did something, then
          from the top
        </p>
      )}
      {rules.length > 0 && <Rules rules={rules} total={items.length} onLine={onLine} />}
      <ol class="preview-items">
        {items.map((item, index) => (
          <Item key={index} item={item} rules={rules} />
        ))}
      </ol>
    </>
  );
}

interface RulesProps {
  readonly rules: readonly PreviewRule[];
  readonly total: number;
  readonly onLine: (line: number) => void;
}

function Rules({ rules, total, onLine }: RulesProps) {
  return (
    <div class="rules-scroll">
      <table class="preview-rules" aria-label="What each rule did">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Items</th>
            <th scope="col">Text</th>
          </tr>
        </thead>
        <tbody>
          {rules.map(({ field, line, matched, failed, text, error }) => (
            <tr key={field}>
              <th scope="row">
                {line === undefined ? (
                  shortField(field)
                ) : (
                  <button type="button" class="button button-small" onClick={() => onLine(line)}>
                    {shortField(field)}
                  </button>
                )}
              </th>
              <td class="preview-count">
                <meter min={0} max={total} value={matched} aria-hidden="true" /> {matched}
                {failed > 0 && (
                  <>
                    {' '}
                    <Mark state="warning" /> {failed} failed
                  </>
                )}
              </td>
              <td>
                <code>{text}</code>
                {error !== undefined && <p class="preview-error">{error}</p>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const WORDS = { unchanged: 'unchanged', changed: 'changed', dropped: 'filtered' } as const;

function Item({ item, rules }: { readonly item: PreviewItem; readonly rules: readonly PreviewRule[] }) {
  const { title, verdict, changes, droppedBy, values, failed, test } = item;
  const rule = droppedBy === undefined ? undefined : rules[droppedBy];
  return (
    <li>
      <details>
        <summary>
          <span class={`preview-verdict preview-${verdict}`}>{WORDS[verdict]}</span> {title}
          {rule !== undefined && <span class="muted"> by {shortField(rule.field)}</span>}
          {failed.length > 0 && (
            <span class="muted">
              {' '}
              <Mark state="warning" /> {failed.map((index) => shortField(rules[index]?.field ?? '')).join(', ')} failed
            </span>
          )}
        </summary>
        {changes.length > 0 && <ChangesTable label={`Changes of ${title}`} changes={changes} />}
        {test !== undefined && <CopyButton text={test} label="Copy as test" />}
        <details>
          <summary>before</summary>
          <table class="attributes" aria-label={`Values of ${title} before the rules`}>
            <tbody>
              {values.map(({ path, value }) => (
                <tr key={path}>
                  <th scope="row">{path}</th>
                  <td>{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </details>
    </li>
  );
}

/** `transform[0].statements[1]` */
function shortField(field: string): string {
  return field.replace(/^spec\./, '');
}
