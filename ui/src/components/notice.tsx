import type { ComponentChildren } from 'preact';
import type { ApiError } from '../shell/api-client.ts';
import { Prose } from './prose.tsx';

/** What stands where a list or a detail would: nothing there yet, nothing found, or still loading. */
export function Notice({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="notice">
      <p class="notice-title">{title}</p>
      {children}
    </div>
  );
}

export function ErrorNotice({ error }: { readonly error: ApiError }) {
  return (
    <div class="notice notice-error" role="alert">
      <p class="notice-title">
        <span class="mark mark-failing" aria-hidden="true">
          ✗
        </span>{' '}
        {error.message}
      </p>
      {error.help !== undefined && (
        <p>
          <Prose text={error.help} />
        </p>
      )}
      <p class="muted">
        <code>{error.code}</code>
      </p>
    </div>
  );
}

export function Loading() {
  return (
    <div class="notice" aria-busy="true">
      <p class="muted">Loading …</p>
    </div>
  );
}
