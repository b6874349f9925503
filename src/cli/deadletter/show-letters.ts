import { encodeJson } from '../../otlp/index.ts';
import { ITEM_NOUN, type Signal } from '../../pdata/index.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatDocument, type OutputFormat, reportDocument } from '../report-document.ts';
import { findLetterFolders, pipelineOf } from './letter-folders.ts';
import { type FoundLetter, filesIn, type LetterChoice, nothingFound } from './letters.ts';

/** Of one request, as text for people. */
const SHOWN_LINES = 200;
/** Larger ones are not decoded. */
const DECODED_BYTES = 4 * 1024 * 1024;

/** `deadletter show`: some letters, oldest first, with what is in them. */
export async function showLetters(
  choice: LetterChoice,
  { flags, count, full }: { readonly flags: Record<string, unknown>; readonly count: number; readonly full: boolean },
  context: CliContext,
): Promise<ExitCode> {
  const { root, folders } = await findLetterFolders(flags, context);
  const found: FoundLetter[] = [];
  for await (const { letters } of filesIn(folders, choice)) {
    found.push(...letters.slice(0, count - found.length));
    if (found.length >= count || context.interrupt.aborted) break;
  }
  if (found.length === 0) throw nothingFound(choice, root);
  const format = flags['output'] as OutputFormat;
  if (format === 'text') context.stdout.write(found.map((one) => letterText(one, full)).join('\n'));
  else {
    const summary = { letters: found.length };
    const items = found.map(letterItem);
    const report = reportDocument({ kind: 'DeadLetterDetails', target: root, summary, items }, context);
    context.stdout.write(formatDocument(report, format));
  }
  return EXIT.ok;
}

function letterText({ id, folder, letter }: FoundLetter, full: boolean): string {
  const { exporter, signal, itemCount, bytes, cause, message, rejectedMs } = letter;
  const head = [
    `letter    ${id} in ${folder}`,
    `pipeline  ${pipelineOf(exporter)}`,
    `exporter  ${exporter}`,
    `rejected  ${new Date(rejectedMs).toISOString()}, ${cause}`,
    `reason    ${message.replace(/\s+/g, ' ')}`,
    `request   ${itemCount} ${people(signal, itemCount)}, ${bytes.length} bytes`,
  ];
  const request = decode(letter);
  const lines = typeof request === 'string' ? [request] : JSON.stringify(request, null, 2).split('\n');
  const shown = full ? lines : lines.slice(0, SHOWN_LINES);
  const more = lines.length - shown.length;
  const rest = more > 0 ? [`… ${more} more lines; all of them: --full`] : [];
  return `${[...head, '', ...shown, ...rest].join('\n')}\n`;
}

function people(signal: Signal, count: number): string {
  const noun = ITEM_NOUN[signal].people;
  return count === 1 ? noun.replace(/s$/, '') : noun;
}

function letterItem({ id, folder, letter }: FoundLetter): unknown {
  const { nonce, exporter, signal, itemCount, bytes, cause, message, rejectedMs } = letter;
  const request = decode(letter);
  return {
    id,
    nonce,
    directory: folder,
    pipeline: pipelineOf(exporter),
    exporter,
    signal,
    items: itemCount,
    bytes: bytes.length,
    rejected: new Date(rejectedMs).toISOString(),
    cause,
    message,
    ...(typeof request === 'string' ? { undecoded: request } : { request }),
  };
}

/** The request as OTLP/JSON, or why there is none. */
function decode({ signal, bytes }: FoundLetter['letter']): unknown {
  if (bytes.length > DECODED_BYTES) return `a request of ${bytes.length} bytes is too large to be shown`;
  try {
    return JSON.parse(encodeJson(signal, bytes));
  } catch (error) {
    // Whoever wrote the letter had validated it; a file from elsewhere may hold anything.
    return `the request cannot be decoded: ${error instanceof Error ? error.message : String(error)}`;
  }
}
