import type { ComponentChildren } from 'preact';
import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { Reason } from '../components/reason.tsx';
import { SignalBadge } from '../components/signal-badge.tsx';
import { configuration, overview } from '../shell/live.ts';
import { hrefWith, route } from '../shell/route.ts';
import { sourceOf } from './configuration.ts';
import { DraftTab } from './draft-tab.tsx';
import { RenderedTab } from './rendered-tab.tsx';
import { StatusTab } from './status-tab.tsx';
import { YamlTab } from './yaml-tab.tsx';

const TABS = [
  { id: 'status', title: 'Status' },
  { id: 'yaml', title: 'YAML' },
  { id: 'rendered', title: 'Rendered' },
  { id: 'draft', title: 'Draft' },
] as const;

interface PipelinePageProps {
  readonly kind: string;
  readonly name: string;
  readonly news: ComponentChildren;
}

/** One pipeline: how it is, what was written, what runs of it, and a draft of something else. */
export function PipelinePage({ kind, name, news }: PipelinePageProps) {
  const status = overview.value?.pipelines.find((pipeline) => pipeline.kind === kind && pipeline.name === name);
  const document = configuration.value;
  const source = sourceOf(document, kind, name);
  const tab = TABS.find(({ id }) => id === route.value.query.get('tab'))?.id ?? 'status';
  if (status === undefined) {
    return (
      <Notice title={`There is no ${kind} ${name}`}>
        <p>
          <Link href="/pipelines" data-up>
            All pipelines
          </Link>
        </p>
      </Notice>
    );
  }
  return (
    <>
      <p class="crumb">
        <Link href="/pipelines" data-up>
          Pipelines
        </Link>
      </p>
      <div class="pipeline-head">
        <h1>
          <SignalBadge signal={status.signal} /> {name} <span class="muted">{kind}</span>
        </h1>
        <p>
          <Reason status={status} />
        </p>
        <Link class="button" href={`/graph?pipeline=${kind}/${name}`}>
          Show in graph
        </Link>
      </div>
      {news}
      <nav class="tabs" aria-label="Views of the pipeline">
        {TABS.map(({ id, title }) => (
          <Link
            key={id}
            replace
            href={hrefWith({ tab: id === 'status' ? '' : id, line: '', block: '' })}
            aria-current={id === tab ? 'page' : undefined}
          >
            {title}
          </Link>
        ))}
      </nav>
      {tab === 'status' && <StatusTab status={status} source={source} />}
      {tab !== 'status' && (document === undefined || source === undefined) && (
        <Notice title="Its configuration is not known here" />
      )}
      {document !== undefined && source !== undefined && (
        <>
          {tab === 'yaml' && <YamlTab document={document} pipeline={source} />}
          {tab === 'rendered' && <RenderedTab document={document} pipeline={source} />}
          {tab === 'draft' && <DraftTab document={document} pipeline={source} key={`${kind}/${name}`} />}
        </>
      )}
    </>
  );
}
