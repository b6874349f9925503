import type { Problem } from '../../../src/server/api.ts';
import { Command } from '../components/command.tsx';
import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { Prose } from '../components/prose.tsx';

/** What is wrong, what it costs, and what to run next. */
export function Problems({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <section aria-label="Problems" class="problems">
      {problems.map((problem) => (
        <article key={problem.title} class={`problem problem-${problem.severity}`}>
          <h2>
            <Mark state={problem.severity === 'error' ? 'failing' : 'warning'} />{' '}
            <span class="visually-hidden">{problem.severity}: </span>
            {problem.title}
            {problem.code !== undefined && <code class="code">{problem.code}</code>}
          </h2>
          <p>
            <Prose text={problem.detail} />
          </p>
          <Places problem={problem} />
          <div class="commands">
            {problem.commands.map((command) => (
              <Command key={command} text={command} />
            ))}
          </div>
        </article>
      ))}
    </section>
  );
}

/** Where the cause is written, and where it shows. */
function Places({ problem: { pipeline, source } }: { readonly problem: Problem }) {
  if (pipeline === undefined) return null;
  const { kind, name } = pipeline;
  return (
    <p class="places">
      {source !== undefined && (
        <Link href={`/pipelines/${kind}/${name}?tab=yaml&line=${source.line}`}>
          {source.file}:{source.line}
        </Link>
      )}{' '}
      <Link href={`/graph?pipeline=${kind}/${name}`}>Show in graph</Link>
    </p>
  );
}
