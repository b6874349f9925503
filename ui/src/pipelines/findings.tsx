import type { Issue } from '../../../src/diagnostics/index.ts';
import { Mark } from '../components/mark.tsx';
import { Prose } from '../components/prose.tsx';

/** What was found at one place: code, message, and what to change. */
export function Finding({ issue }: { readonly issue: Issue }) {
  return (
    <div class={`finding finding-${issue.severity}`} data-finding tabIndex={-1}>
      <p>
        <Mark state={issue.severity === 'error' ? 'failing' : 'warning'} />{' '}
        <span class="visually-hidden">{issue.severity}: </span>
        <code>{issue.code}</code> <Prose text={issue.message} />
      </p>
      {issue.label !== undefined && <p class="muted">{issue.label}</p>}
      {issue.help !== undefined && (
        <p>
          <Prose text={issue.help} />
        </p>
      )}
      {issue.notes?.map((note) => (
        <p key={note} class="muted">
          <Prose text={note} />
        </p>
      ))}
    </div>
  );
}

/** Moves to the finding after the one that has the focus, and from the last to the first. */
export function focusNextFinding(): void {
  const findings = [...document.querySelectorAll<HTMLElement>('[data-finding]')];
  if (findings.length === 0) return;
  const current = findings.findIndex((finding) => finding.contains(document.activeElement));
  const next = findings[(current + 1) % findings.length];
  next.focus();
  next.scrollIntoView({ block: 'center' });
}

export function NextFindingButton({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <button type="button" class="button" data-key="F8" onClick={focusNextFinding}>
      Next finding{' '}
      <span class="key" aria-hidden="true">
        F8
      </span>
    </button>
  );
}
