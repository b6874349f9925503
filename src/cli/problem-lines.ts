import type { Problem } from '../server/index.ts';

/** A problem at a terminal: who and what, the facts, what to run next. `mark` stands for its severity. */
export function problemLines({ title, code, detail, commands }: Problem, mark: string): readonly string[] {
  return [
    `${mark} ${title}${code === undefined ? '' : `   ${code}`}`,
    `    ${detail}`,
    ...commands.map((command) => `    try:  ${command}`),
  ];
}
