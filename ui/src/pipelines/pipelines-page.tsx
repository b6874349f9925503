import { useEffect, useState } from 'preact/hooks';
import { Loading } from '../components/notice.tsx';
import { timeOfDay } from '../shell/format.ts';
import { configuration, overview } from '../shell/live.ts';
import { route } from '../shell/route.ts';
import { PipelineList } from './pipeline-list.tsx';
import { PipelinePage } from './pipeline-page.tsx';

/** Every pipeline with its configuration; one of them when the address names it. */
export function PipelinesPage() {
  const document = overview.value;
  const [, , word, name] = route.value.path.split('/');
  if (document === undefined) return <Loading />;
  // Everywhere else it reads `tracepipeline/jaeger`, so that is what people type.
  const kind = document.pipelines.find((one) => one.kind.toLowerCase() === word?.toLowerCase())?.kind ?? word;
  return (
    <div class="pipelines-page">
      {kind === undefined || name === undefined ? (
        <>
          <h1>Pipelines</h1>
          <ConfigurationNews />
          <PipelineList pipelines={document.pipelines} />
        </>
      ) : (
        <PipelinePage kind={kind} name={name} news={<ConfigurationNews />} />
      )}
    </div>
  );
}

/** What became of the newest version of the files. Said aloud when it changes, not when the page opens. */
function ConfigurationNews() {
  const document = configuration.value;
  const generation = document?.generation;
  const [first, setFirst] = useState(generation);
  useEffect(() => setFirst((before) => before ?? generation), [generation]);
  if (document === undefined) return null;
  const errors = document.issues.filter(({ severity }) => severity === 'error').length;
  const found = `${errors} ${errors === 1 ? 'error' : 'errors'}`;
  const time = timeOfDay(document.loadedAt, false);
  // Of the first version that time is the start of everything.
  const took = document.generation === 1 ? '' : `, ${Math.round(document.activatedMs)} ms after it was read`;
  const sentence = {
    running: `Version ${document.generation} runs since ${time}${took}.`,
    partly: `Version ${document.generation} of ${time} has ${found}: what was valid before keeps running in its place.`,
    rejected: `Version ${document.generation} of ${time} has ${found}: the previous version keeps running.`,
  }[document.state];
  return (
    <p class={`configuration-news configuration-${document.state}`}>
      <span aria-hidden="true" class={document.state === 'running' ? 'mark mark-ok' : 'mark mark-warning'}>
        {document.state === 'running' ? '●' : '!'}
      </span>{' '}
      {sentence}
      <span role="status" class="visually-hidden">
        {first !== undefined && generation !== first ? sentence : ''}
      </span>
    </p>
  );
}
