import type { Problem } from '../../../src/server/api.ts';
import { Command } from '../components/command.tsx';
import { Mark } from '../components/mark.tsx';

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
          <p>{problem.detail}</p>
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
