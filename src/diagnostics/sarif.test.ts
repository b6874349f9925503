import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchema } from './check-schema.ts';
import { CODES } from './codes.ts';
import type { Issue, SourceSpan } from './issue.ts';
import type { JsonSchema } from './json-schema.ts';
import { renderSarif } from './sarif.ts';

const span = (line: number, file = 'a.yaml'): SourceSpan => ({ file, line, column: 3, endLine: line, endColumn: 9 });
const issue = (fields: Partial<Issue>): Issue => ({ code: 'SL0101', severity: 'error', message: 'wrong', ...fields });

const object = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
const text: JsonSchema = { type: 'string' };
const position: JsonSchema = { type: 'integer', minimum: 1 };
const message = object({ text, markdown: text }, ['text']);
const artifact = object({ uri: { type: 'string', pattern: "^[A-Za-z0-9%_.~:/@!$&'()*+,;=?#-]*$" } });
const region = object({ startLine: position, startColumn: position, endLine: position, endColumn: position });
const physical = object({ artifactLocation: artifact, region });
const location = object({ physicalLocation: physical, message });
const level: JsonSchema = { type: 'string', enum: ['none', 'note', 'warning', 'error'] };

/** What the public schema of SARIF 2.1.0 says about the properties that are used here; its objects are closed. */
const SARIF = object(
  {
    version: { type: 'string', enum: ['2.1.0'] },
    $schema: text,
    runs: list(
      object(
        {
          tool: object(
            {
              driver: object(
                {
                  name: text,
                  semanticVersion: text,
                  rules: list(
                    object(
                      {
                        id: text,
                        name: text,
                        shortDescription: message,
                        fullDescription: message,
                        help: message,
                        defaultConfiguration: object({ level }),
                      },
                      ['id'],
                    ),
                  ),
                },
                ['name'],
              ),
            },
            ['driver'],
          ),
          columnKind: { type: 'string', enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          results: list(
            object(
              {
                ruleId: text,
                ruleIndex: { type: 'integer', minimum: -1 },
                level,
                message,
                locations: list(location),
                relatedLocations: list(location),
                partialFingerprints: { type: 'object', additionalProperties: text },
                fixes: {
                  ...list(
                    object(
                      {
                        artifactChanges: list(
                          object(
                            {
                              artifactLocation: artifact,
                              replacements: {
                                ...list(
                                  object({ deletedRegion: region, insertedContent: object({ text }) }, [
                                    'deletedRegion',
                                  ]),
                                ),
                                minItems: 1,
                              },
                            },
                            ['artifactLocation', 'replacements'],
                          ),
                        ),
                      },
                      ['artifactChanges'],
                    ),
                  ),
                },
              },
              ['message'],
            ),
          ),
        },
        ['tool'],
      ),
    ),
  },
  ['version', 'runs'],
);

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly locations?: readonly unknown[];
    }[];
  }[];
}

const sarif = (issues: readonly Issue[]) => renderSarif(issues, { cliVersion: '1.2.3' }) as Log;

const anyIssue = fc.record(
  {
    code: fc.constantFrom(...CODES.map(({ code }) => code)),
    severity: fc.constantFrom('error' as const, 'warning' as const),
    message: fc.string(),
    path: fc.array(fc.oneof(fc.string(), fc.nat())),
    span: fc
      .record({ line: fc.integer({ min: 1, max: 99 }), file: fc.string({ minLength: 1 }) })
      .map((s) => span(s.line, s.file)),
    help: fc.string(),
    related: fc.array(fc.constant({ span: span(2), label: 'here' })),
    fix: fc.constant({ applicability: 'MaybeIncorrect' as const, span: span(3), newText: 'x' }),
  },
  { requiredKeys: ['code', 'severity', 'message'] },
) as fc.Arbitrary<Issue>;

describe('the SARIF log', () => {
  it('is what the public schema asks for, whatever was found', () => {
    fc.assert(
      fc.property(fc.array(anyIssue, { maxLength: 6 }), (issues) => {
        const log = JSON.parse(JSON.stringify(sarif(issues)));
        expect(checkSchema(log, SARIF).map((one) => one.message)).toEqual([]);
      }),
    );
  });

  it('has each rule once, with its help, and results that point at it', () => {
    const [run] = sarif([issue({ code: 'SL0305' }), issue({}), issue({ message: 'other' })]).runs;
    expect(run!.tool.driver.rules.map(({ id }) => id)).toEqual(['SL0101', 'SL0305']);
    expect(run!.tool.driver.rules[0]).toMatchObject({ name: 'UnknownField', help: { text: expect.any(String) } });
    for (const { ruleId, ruleIndex } of run!.results) expect(run!.tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
  });

  it('gives a finding the same fingerprint when lines move, and twins different ones', () => {
    const marks = (issues: readonly Issue[]) =>
      sarif(issues).runs[0]!.results.map((result) => result.partialFingerprints['sluiceFinding/v1']);
    expect(marks([issue({ span: span(4) })])).toEqual(marks([issue({ span: span(40) })]));
    expect(marks([issue({ span: span(4) })])).not.toEqual(marks([issue({ span: span(4, 'b.yaml') })]));
    const [one, other] = marks([issue({ span: span(4) }), issue({ span: span(5) })]);
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[0-9a-f]{16}$/);
  });

  it('writes paths as relative references', () => {
    const results = sarif([issue({ span: span(1, 'my files/a#1.yaml') })]).runs[0]!.results;
    expect(JSON.stringify(results)).toContain('"uri":"my%20files/a%231.yaml"');
  });
});
