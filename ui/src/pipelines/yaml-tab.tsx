import type { ConfigurationDocument, PipelineSourceDocument } from '../../../src/server/api.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { Notice } from '../components/notice.tsx';
import { Prose } from '../components/prose.tsx';
import { hrefWith, route } from '../shell/route.ts';
import { YamlLines } from '../yaml/yaml-lines.tsx';
import { issuesOf, RUNS_MARK, RUNS_WORD, resourceText } from './configuration.ts';
import { Finding, NextFindingButton } from './findings.tsx';

export interface SourceTabProps {
  readonly document: ConfigurationDocument;
  readonly pipeline: PipelineSourceDocument;
}

/** What the user wrote, with the findings at their lines. */
export function YamlTab({ document, pipeline }: SourceTabProps) {
  const text = resourceText(document, pipeline);
  if (text === undefined) {
    return (
      <Notice
        title={pipeline.origin === 'built-in' ? 'Built in: it stands in no file' : 'Its text is not known here'}
      />
    );
  }
  const issues = issuesOf(document, pipeline);
  const line = Number(route.value.query.get('line') ?? 0) || undefined;
  return (
    <section aria-label="YAML">
      <div class="tab-head">
        <p>
          <code>
            {text.file}:{text.from}
          </code>{' '}
          <Mark state={RUNS_MARK[pipeline.runs]} /> {RUNS_WORD[pipeline.runs]}
        </p>
        <NextFindingButton count={issues.length} />
        <CopyButton text={() => text.lines.join('\n')} />
      </div>
      {issues.length > 0 && (
        <ol class="finding-links" aria-label="Findings">
          {issues.map((issue, index) => (
            <li key={index}>
              <Link replace href={hrefWith({ line: String(issue.span?.line ?? '') })}>
                line {issue.span?.line}
              </Link>{' '}
              <code>{issue.code}</code> <Prose text={issue.message} />
            </li>
          ))}
        </ol>
      )}
      <YamlLines
        label={`${pipeline.kind} ${pipeline.name}`}
        lines={text.lines}
        from={text.from}
        target={line}
        marked={new Set(issues.flatMap(({ span }) => (span === undefined ? [] : [span.line])))}
        below={(number) =>
          issues
            .filter(({ span }) => span?.line === number)
            .map((issue, index) => <Finding key={index} issue={issue} />)
        }
      />
    </section>
  );
}
