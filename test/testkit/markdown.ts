import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A fenced block of a Markdown document. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

export interface MarkdownDocument {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
}

/** A command of a ```console block and what the block says it prints. */
export interface ConsoleExample {
  readonly command: string;
  readonly expected: string;
  readonly line: number;
}

export function parseMarkdown(path: string, text: string): MarkdownDocument {
  const blocks: CodeBlock[] = [];
  let open: { language: string; lines: string[]; line: number } | undefined;
  text.split('\n').forEach((line, i) => {
    const fence = /^```(\w*)/.exec(line);
    if (open !== undefined && line.startsWith('```')) {
      blocks.push({ language: open.language, text: `${open.lines.join('\n')}\n`, line: open.line });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line);
    else if (fence) open = { language: fence[1] ?? '', lines: [], line: i + 2 };
  });
  if (open !== undefined) throw new Error(`${path}:${open.line - 1}: the block is never closed`);
  return { path, text, blocks };
}

/** README.md and everything below docs/ of a repository. */
export function readDocuments(root: string): readonly MarkdownDocument[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort();
  return ['README.md', ...below.map((name) => join('docs', name))].map((path) =>
    parseMarkdown(path, readFileSync(join(root, path), 'utf8')),
  );
}

/** The file that a block stands for when its first line is a comment with a name: `# telemetry.yaml`. */
export function titleOf(block: CodeBlock): string | undefined {
  return /^# ([\w./-]+\.ya?ml)\n/.exec(block.text)?.[1];
}

/** Splits a ```console block at its `$ ` lines. */
export function consoleExamples(block: CodeBlock): readonly ConsoleExample[] {
  const examples: { command: string; lines: string[]; line: number }[] = [];
  block.text
    .trimEnd()
    .split('\n')
    .forEach((text, i) => {
      if (text.startsWith('$ ')) examples.push({ command: text.slice(2), lines: [], line: block.line + i });
      else examples.at(-1)?.lines.push(text);
    });
  return examples.map(({ command, lines, line }) => ({ command, expected: lines.join('\n').trimEnd(), line }));
}

/** Whether the output is what an example shows; a line `…` stands for any number of lines. */
export function matchesExample(output: string, expected: string): boolean {
  const parts = expected.split('\n').map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${escapeRegExp(line)}\\n`));
  return new RegExp(`^${parts.join('')}$`).test(`${output.trimEnd()}\n`);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Targets of links to other files of the repository, without fragment, relative to it. */
export function localLinks({ path, text, blocks }: MarkdownDocument): readonly string[] {
  const prose = blocks.reduce((rest, block) => rest.replace(block.text, () => '\n'), text);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!.replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/i.test(link))
    .map((link) => relative('.', join(path, '..', link)));
}
