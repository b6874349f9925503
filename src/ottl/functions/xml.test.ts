import { describe, expect, it } from 'vitest';
import { evaluate, plain } from '../../../test/testkit/ottl-function.ts';

const result = (expression: string, xml: string): unknown => plain(evaluate(expression, { xml }));

describe('XML', () => {
  it('becomes a map with ParseXML', () => {
    const xml = '<?xml version="1.0"?>\n<log id="1"> hi <user>jo</user><!-- no --><![CDATA[ <b> ]]></log>';
    expect(result('ParseXML(cache["xml"])', xml)).toEqual({
      tag: 'log',
      content: 'hi<b>',
      attributes: { id: '1' },
      children: [{ tag: 'user', content: 'jo' }],
    });
  });

  it.each(['', '<a>', '<a></b>', '<a/>x', '<a>&no;</a>', '<a/><b/>'])('ParseXML refuses %s', (xml) => {
    expect(result('ParseXML(cache["xml"])', xml)).toMatch(/^error: ParseXML/);
  });

  it('becomes a map of texts with ParseSimplifiedXML', () => {
    const xml = '<Log><id>1</id><msg a="b">hi</msg><id>2</id><empty/><deep>x<y>z</y></deep></Log>';
    expect(result('ParseSimplifiedXML(cache["xml"])', xml)).toEqual({
      Log: { id: ['1', '2'], msg: 'hi', deep: { y: 'z' } },
    });
  });

  const xml = '<a><b foo="bar">1</b><c/><b>2</b><!-- note --></a>';
  it.each([
    ['GetXML(cache["xml"], "/a/b")', '<b foo="bar">1</b><b>2</b>'],
    ['GetXML(cache["xml"], "/a/b[2]")', '<b>2</b>'],
    ['GetXML(cache["xml"], "//b[@foo=\'bar\']/text()")', '1'],
    ['GetXML(cache["xml"], "/a/b/@foo")', 'bar'],
    ['GetXML(cache["xml"], "/a/*[not(@foo)]")', '<c></c><b>2</b>'],
    ['GetXML(cache["xml"], "//b[. > 1 and position() = last()]")', '<b>2</b>'],
    ['GetXML(cache["xml"], "//c/following-sibling::b | //c")', '<c></c><b>2</b>'],
    ['GetXML(cache["xml"], "//*[local-name() = \'c\' or starts-with(@foo, \'b\')]")', '<b foo="bar">1</b><c></c>'],
    ['RemoveXML(cache["xml"], "//b")', '<a><c></c><!-- note --></a>'],
    ['RemoveXML(cache["xml"], "//@foo | //comment()")', '<a><b>1</b><c></c><b>2</b></a>'],
    ['RemoveXML(cache["xml"], "//text()")', '<a><b foo="bar"></b><c></c><b></b><!-- note --></a>'],
    [
      'InsertXML(cache["xml"], "/a/c", "<d>&lt;</d>")',
      '<a><b foo="bar">1</b><c><d>&lt;</d></c><b>2</b><!-- note --></a>',
    ],
    ['ConvertAttributesToElementsXML(cache["xml"])', '<a><b>1<foo>bar</foo></b><c></c><b>2</b><!-- note --></a>'],
  ])('%s', (expression, expected) => {
    expect(result(expression, xml)).toBe(expected);
  });

  it('puts stray text into elements', () => {
    expect(result('ConvertTextToElementsXML(cache["xml"], element_name="t")', '<a>x<b/>y</a>')).toBe(
      '<a><t>x</t><b></b><t>y</t></a>',
    );
    expect(result('ConvertTextToElementsXML(cache["xml"])', '<a>x</a>')).toBe('<a>x</a>');
  });

  it.each(['!', '/a[', 'nope()', '//', 'a/child::'])('refuses the XPath %s when it is compiled', (xPath) => {
    expect(() => result(`GetXML(cache["xml"], "${xPath}")`, xml)).toThrow(/XPath/);
  });

  it('inserts only into elements', () => {
    expect(result('InsertXML(cache["xml"], "//@foo", "<d/>")', xml)).toMatch(/^error: InsertXML/);
  });

  it('is bounded in depth, in nodes and in what an XPath visits', () => {
    const deep = '<a>'.repeat(200) + '</a>'.repeat(200);
    expect(result('ParseXML(cache["xml"])', deep)).toMatch(/^error: .*deep/);
    expect(result('ParseXML(cache["xml"])', `<a>${'<b/>'.repeat(30_000)}</a>`)).toMatch(/^error: .*nodes/);
    const wide = `<a>${'<b/>'.repeat(10_000)}</a>`;
    expect(result('GetXML(cache["xml"], "//b[count(//b) > 1]")', wide)).toMatch(/^error: .*nodes/);
    expect(result('InsertXML(cache["xml"], "//b", cache["xml"])', wide)).toMatch(/^error: .*inserted/);
    expect(result('GetXML(cache["xml"], "//b/following-sibling::b[1]")', wide)).toMatch(/^error: .*nodes/);
  });

  it('expands no entities of its own', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>';
    expect(result('ParseXML(cache["xml"])', bomb)).toMatch(/^error: ParseXML/);
  });
});
