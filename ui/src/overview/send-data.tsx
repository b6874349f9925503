import type { OverviewDocument } from '../../../src/server/api.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { hrefWith, navigate, route } from '../shell/route.ts';
import { snippets } from './snippets.ts';

/** Tabs of snippets that send telemetry to this server. */
export function SendData({ document: { endpoints, program } }: { readonly document: OverviewDocument }) {
  const all = snippets(endpoints, program);
  const chosen = all.find((snippet) => snippet.id === route.value.query.get('how')) ?? all[0];
  const choose = (id: string) => {
    navigate(hrefWith({ how: id }), { replace: true });
    document.getElementById(`tab-${id}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(all[(all.indexOf(chosen) + step + all.length) % all.length].id);
  };
  return (
    <div class="send-data">
      <div role="tablist" aria-label="Language or tool" class="tabs" onKeyDown={onKeyDown}>
        {all.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === chosen.id}
            aria-controls="snippet"
            tabIndex={id === chosen.id ? 0 : -1}
            onClick={() => choose(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="snippet" aria-labelledby={`tab-${chosen.id}`} class="snippet">
        <pre>
          <code>{chosen.text}</code>
        </pre>
        <div class="snippet-copy">
          <CopyButton text={chosen.text} />
        </div>
        <p class="muted">{chosen.note}</p>
      </div>
    </div>
  );
}
