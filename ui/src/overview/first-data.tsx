import type { FirstDataStep } from '../../../src/server/api.ts';
import { Command } from '../components/command.tsx';
import { Prose } from '../components/prose.tsx';

/** All that can be asked, in order; the server walks it up to the first thing that did not happen. */
const TITLES = {
  listening: 'listening',
  connected: 'a sender connected',
  otlp: 'it spoke OTLP',
  accepted: 'its data was accepted',
  claimed: 'a pipeline takes it',
  kept: 'no filter leaves all of it out',
  delivered: 'the backend accepted it',
  clock: 'its clock is right',
} as const satisfies Record<FirstDataStep['id'], string>;

/** The way of the first item as ticks, and what to do where it ends. */
export function FirstData({ steps }: { readonly steps: readonly FirstDataStep[] }) {
  const last = steps.at(-1);
  return (
    <>
      <ol class="ticks">
        {Object.entries(TITLES).map(([id, title]) => (
          <Tick key={id} answer={steps.find((step) => step.id === id)?.answer} title={title} />
        ))}
      </ol>
      {last !== undefined && last.answer !== 'yes' && (
        <div class={`first-data-end first-data-${last.answer}`}>
          {last.detail !== undefined && (
            <p>
              <Prose text={last.detail} /> {last.code !== undefined && <code>{last.code}</code>}
            </p>
          )}
          {last.commands.map((command) => (
            <Command key={command} text={command} />
          ))}
        </div>
      )}
    </>
  );
}

const SHAPE = { yes: '✔', no: '✗', waiting: '○' } as const;
const MARK = { yes: 'ok', no: 'failing', waiting: 'waiting' } as const;
const SPOKEN = { yes: 'done: ', no: 'no: ', waiting: 'not yet: ' } as const;

/** What comes after the last answer is still to be seen. */
function Tick({
  answer = 'waiting',
  title,
}: {
  readonly answer?: FirstDataStep['answer'] | undefined;
  readonly title: string;
}) {
  return (
    <li class={answer === 'yes' ? 'tick tick-done' : 'tick'}>
      <span class={`mark mark-${MARK[answer]}`} aria-hidden="true">
        {SHAPE[answer]}
      </span>
      <span class="visually-hidden">{SPOKEN[answer]}</span>
      {title}
    </li>
  );
}
