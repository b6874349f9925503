import type { IncomingMessage } from 'node:http';
import { CodedError } from '../../lib/index.ts';
import type {
  ApplyDocument,
  ApplyRequest,
  DeleteRequest,
  PreviewDocument,
  PreviewRequest,
  SampleDocument,
  ValidateDocument,
} from '../api.ts';
import { readJsonBody, textField, unusable } from './json-body.ts';
import { RequestError, sendJson } from './reply.ts';
import type { Route } from './router.ts';

export interface WriteActions {
  readonly generateSample?: () => Promise<SampleDocument>;
  /** Checks one text as if it stood alone. */
  readonly validate?: (text: string) => ValidateDocument | Promise<ValidateDocument>;
  /** Tries the rules of a text on data. */
  readonly preview?: (request: PreviewRequest) => PreviewDocument | Promise<PreviewDocument>;
  /** Writes resources to the running configuration; rejects with a CodedError that was worded for people. */
  readonly apply?: (request: ApplyRequest) => Promise<ApplyDocument>;
  readonly delete?: (request: DeleteRequest) => Promise<ApplyDocument>;
}

/** Stands where a secret or a header value was, in every text that this server shows. */
export const HIDDEN = '‹hidden›';

const MAX_FILES = 1000;

/** What needs the token. */
export function writeRoutes(actions: WriteActions): readonly Route[] {
  const sample = oneAtATime(actions.generateSample);
  const post = (path: string, run: (request: IncomingMessage) => Promise<unknown>): Route => ({
    method: 'POST',
    path,
    handle: async ({ request, response }) => sendJson(response, await run(request)),
  });
  return [
    post('/api/v1/local/sample', () => sample()),
    post('/api/v1/validate', async (request) => {
      const validate = offered(actions.validate, 'does not check files');
      return validate(textField(await readJsonBody(request), 'text'));
    }),
    post('/api/v1/preview', async (request) => {
      const preview = offered(actions.preview, 'tries no rules');
      const body = await readJsonBody(request);
      return preview({ text: textField(body, 'text'), ...whichField(body), input: inputField(body) });
    }),
    post('/api/v1/local/apply', async (request) => {
      const apply = offered(actions.apply, 'takes no changes');
      const body = await readJsonBody(request);
      return inOurWords(apply({ files: filesField(body), ...dryRunField(body) }));
    }),
    post('/api/v1/local/delete', async (request) => {
      const remove = offered(actions.delete, 'takes no changes');
      const body = await readJsonBody(request);
      return inOurWords(remove({ kind: textField(body, 'kind'), name: textField(body, 'name'), ...dryRunField(body) }));
    }),
  ];
}

function offered<T>(action: T | undefined, what: string): T {
  if (action === undefined) throw new RequestError(404, { code: 'SL0914', message: `this server ${what}` });
  return action;
}

/** A second click while the generator runs gets the result of the first. */
function oneAtATime(generate: WriteActions['generateSample']): () => Promise<SampleDocument> {
  let running: Promise<SampleDocument> | undefined;
  return () => {
    running ??= offered(generate, 'has no sample generator')().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** What a change is refused for is the sender's to mend. */
async function inOurWords(answer: Promise<ApplyDocument>): Promise<ApplyDocument> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CodedError) throw new RequestError(422, { code: error.code, message: error.message });
    throw error;
  }
}

/** Which pipeline of the text; the first without a word. */
function whichField(body: Readonly<Record<string, unknown>>): Pick<PreviewRequest, 'kind' | 'name'> {
  return {
    ...(body['kind'] === undefined ? {} : { kind: textField(body, 'kind') }),
    ...(body['name'] === undefined ? {} : { name: textField(body, 'name') }),
  };
}

function inputField({ input }: Readonly<Record<string, unknown>>): PreviewRequest['input'] {
  const { last, otlpJson } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  if (typeof otlpJson === 'string') return { otlpJson };
  if (typeof last === 'number' && Number.isInteger(last) && last >= 0) return { last };
  throw unusable('`input` must be `{last: number}` or `{otlpJson: text}`');
}

function filesField({ files }: Readonly<Record<string, unknown>>): ApplyRequest['files'] {
  if (!Array.isArray(files) || files.length === 0) throw unusable('`files` must be a list of `{file, text}`');
  if (files.length > MAX_FILES) throw unusable(`\`files\` must not hold more than ${MAX_FILES}`);
  const read = files.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw unusable('`files` must be a list of `{file, text}`');
    const record = entry as Record<string, unknown>;
    const text = textField(record, 'text');
    // A text that was copied from here has lost its secrets; taking it would overwrite them with the mask.
    if (text.includes(HIDDEN)) {
      throw unusable(`the text holds ${HIDDEN} where a value was masked`, 'put the value back, or refer to a Secret');
    }
    return { file: textField(record, 'file'), text };
  });
  // Findings and changes are told by name and line.
  if (new Set(read.map(({ file }) => file)).size < read.length) throw unusable('two of `files` have the same name');
  return read;
}

function dryRunField({ dryRun }: Readonly<Record<string, unknown>>): { readonly dryRun?: boolean } {
  if (dryRun === undefined) return {};
  if (typeof dryRun !== 'boolean') throw unusable('`dryRun` must be true or false');
  return { dryRun };
}
