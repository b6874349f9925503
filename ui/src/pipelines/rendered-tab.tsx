import { CopyButton } from '../components/copy-button.tsx';
import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { hrefWith, route } from '../shell/route.ts';
import { blockLines } from '../yaml/block-lines.ts';
import { YamlLines } from '../yaml/yaml-lines.tsx';
import { resourceText } from './configuration.ts';
import type { SourceTabProps } from './yaml-tab.tsx';

/** What runs, beside what was written. A line of either side leads to its other end. */
export function RenderedTab({ document, pipeline }: SourceTabProps) {
  const { query } = route.value;
  const workloads = document.rendered.filter(({ workload }) =>
    pipeline.blocks.some((block) => block.workload === workload),
  );
  const shown = workloads.length === 0 ? document.rendered : workloads;
  const current = shown.find(({ workload }) => workload === query.get('workload')) ?? shown[0];
  if (current === undefined) return <Notice title="Nothing runs" />;
  const text = resourceText(document, pipeline);
  const places = blockLines(current.yaml);
  const blocks = pipeline.blocks
    .filter(({ workload }) => workload === current.workload)
    .flatMap((block) => {
      const at = places.get(block.block);
      return at === undefined ? [] : [{ ...block, at }];
    });
  const block = blocks.find((candidate) => candidate.block === query.get('block'));
  const line = Number(query.get('line') ?? 0) || undefined;
  return (
    <section aria-label="Rendered">
      <div class="tab-head">
        <p>
          <code>{current.workload}</code>{' '}
          <span class="muted">generation {document.generation}; secrets stay references</span>
        </p>
        {shown.length > 1 &&
          shown.map(({ workload }) => (
            <Link
              key={workload}
              replace
              class="button button-small"
              href={hrefWith({ workload, block: '' })}
              aria-current={workload === current.workload ? 'true' : undefined}
            >
              {workload}
            </Link>
          ))}
        <CopyButton text={() => current.yaml} />
      </div>
      <div class="rendered-panes">
        {text !== undefined && (
          <YamlLines
            label="Resource"
            lines={text.lines}
            from={text.from}
            target={block?.line ?? line}
            marked={new Set(blocks.map((candidate) => candidate.line))}
            margin={(number) =>
              blocks
                .filter((candidate) => candidate.line === number)
                .slice(0, 1)
                .map((candidate) => (
                  <Link
                    key={candidate.block}
                    replace
                    href={hrefWith({ block: candidate.block, line: '' })}
                    aria-label={`line ${number} renders ${candidate.block}`}
                  >
                    ▸
                  </Link>
                ))
            }
          />
        )}
        <YamlLines
          label="Collector configuration"
          lines={current.yaml.replace(/\n$/, '').split('\n')}
          target={block?.at ?? blocks.find((candidate) => candidate.line === line)?.at}
          marked={ownLines(places, pipeline)}
          margin={(number) =>
            blocks
              .filter(({ at }) => at === number)
              .map((candidate) => (
                <Link
                  key={candidate.block}
                  replace
                  href={hrefWith({ block: candidate.block, line: '' })}
                  aria-label={`${candidate.block} comes from line ${candidate.line}, ${candidate.field}`}
                  title={`line ${candidate.line}: ${candidate.field}`}
                >
                  ◂
                </Link>
              ))
          }
        />
      </div>
    </section>
  );
}

/** Every block that carries the name of the pipeline, also those that come from no single line of it. */
function ownLines(
  places: ReadonlyMap<string, number>,
  { kind, name }: SourceTabProps['pipeline'],
): ReadonlySet<number> {
  const suffix = `/${kind.toLowerCase()}-${name}`;
  return new Set([...places].filter(([path]) => path.endsWith(suffix)).map(([, line]) => line));
}
