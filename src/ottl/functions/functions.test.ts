import { describe, expect, it } from 'vitest';
import { evaluate, plain } from '../../../test/testkit/ottl-function.ts';

/** What the Collector gives at 0.149; `error` stands for any failure. */
const EXPECTED: Readonly<Record<string, readonly (readonly [expression: string, result: unknown])[]>> = {
  text: [
    ['Concat(["a", nil, 1, true, {"k": [1, "x"]}], "-")', 'a-<nil>-1-true-{"k":[1,"x"]}'],
    ['Split("a|b||c", "|")', ['a', 'b', '', 'c']],
    ['Split("aü😀", "")', ['a', 'ü', '😀']],
    ['Substring("123456789", 3, 3)', '456'],
    ['Substring("aüb", 0, 3)', 'aü'],
    ['Substring("12345", 3, 3)', 'error'],
    ['Substring("12345", -1, 3)', 'error'],
    ['Substring("12345", 1, 0)', 'error'],
    ['Trim("##x##", "#")', 'x'],
    ['Trim("  x y ")', 'x y'],
    ['TrimPrefix("prefix-x", "prefix-")', 'x'],
    ['TrimSuffix("x-suffix", "-suffix")', 'x'],
    ['HasPrefix("hello", "he")', true],
    ['HasSuffix("hello", "he")', false],
    ['IsMatch(12, "^1")', true],
    ['IsMatch(nil, ".*")', false],
    ['IsMatch("HELLO", "(?i)hello")', true],
    ['Len("aü😀")', 7n],
    ['Len([1, 2])', 2n],
    ['Len({"a": 1})', 1n],
    ['Len(5)', 'error'],
  ],
  case: [
    ['ToSnakeCase("someHTTPName2X")', 'some_http_name_2_x'],
    ['ToSnakeCase("some.name-here now")', 'some_name_here_now'],
    ['ToCamelCase("some_name-here2go")', 'SomeNameHere2Go'],
    ['ConvertCase("ABC Σ ß İ", "lower")', 'abc σ ß i'],
    ['ConvertCase("abc ß ŉ", "upper")', 'ABC ß ŉ'],
  ],
  numbers: [
    ['ParseInt("ff", 16)', 255n],
    ['ParseInt("0x1F", 0)', 31n],
    ['ParseInt("017", 0)', 15n],
    ['ParseInt("1_000", 0)', 1000n],
    ['ParseInt("1_000", 10)', 'error'],
    ['ParseInt("-9223372036854775808", 10)', -9223372036854775808n],
    ['ParseInt("9223372036854775808", 10)', 'error'],
    ['ParseInt("", 10)', 'error'],
    ['ParseInt("1", 1)', 'error'],
    ['IsValidLuhn("17893729974")', true],
    ['IsValidLuhn("1789 3729 975")', false],
    ['IsValidLuhn("12a")', 'error'],
    ['Log(0)', 'error'],
    ['Log(1)', 0],
  ],
  lists: [
    ['Sort([3, 1.5, 2])', [1.5, 2n, 3n]],
    ['Sort(["b", 2, true, "a"], "desc")', [true, 'b', 'a', 2n]],
    ['Sort([10, 9], "asc")', [9n, 10n]],
    ['Index("hello world", "world")', 6n],
    ['Index("üx", "x")', 2n],
    ['Index([1, 2.5, "a"], "a")', 2n],
    ['Index(["a"], "b")', -1n],
    ['Index("a", 1)', 'error'],
    ['ContainsValue([1, 2], 2.0)', true],
    ['ContainsValue(["a"], "b")', false],
    ['Keys({"b": 1, "a": 2})', ['b', 'a']],
    ['Values({"b": 1, "a": "x"})', [1n, 'x']],
    [
      'SliceToMap(ParseJSON("[{\\"n\\":\\"a\\",\\"v\\":1},{\\"n\\":\\"b\\"}]"), ["n"])',
      { a: { n: 'a', v: 1 }, b: { n: 'b' } },
    ],
    ['SliceToMap(ParseJSON("[{\\"n\\":{\\"m\\":\\"a\\"},\\"v\\":1}]"), ["n", "m"], ["v"])', { a: 1 }],
    ['SliceToMap(ParseJSON("[{\\"n\\":\\"a\\"}]"), ["n"], ["v"])', 'error'],
    ['SliceToMap(["x", "y"])', { 0: 'x', 1: 'y' }],
    ['SliceToMap(["x"], ["n"])', 'error'],
    ['ToKeyValueString({"b": "x y", "a": 1}, "=", " ", true)', 'a=1 b="x y"'],
  ],
  parsing: [
    ['ParseJSON("{\\"b\\":[1,null,true],\\"2\\":\\"x\\",\\"1\\":1.5}")', { b: [1, undefined, true], 2: 'x', 1: 1.5 }],
    ['ParseJSON("[1, 2]")', [1, 2]],
    ['ParseJSON("5")', 'error'],
    ['ParseJSON("{} x")', 'error'],
    ['ParseJSON("[01]")', 'error'],
    ['ParseJSON("[1,]")', 'error'],
    ['ParseKeyValue("a=1 b=\'x y\' c=\\"=\\"")', { a: '1', b: 'x y', c: '=' }],
    ['ParseKeyValue("a:1;b:2", ":", ";")', { a: '1', b: '2' }],
    ['ParseKeyValue("a")', 'error'],
    ['ParseKeyValue("a=\\"1")', 'error'],
    ['ParseCSV("1,\\"a \\"\\"b\\"\\"\\",3", "x,y,z")', { x: '1', y: 'a "b"', z: '3' }],
    ['ParseCSV("a\\tb", "x|y", "\\t", "|")', { x: 'a', y: 'b' }],
    ['ParseCSV("a,b", "x")', 'error'],
    ['ParseCSV("a,\\"b\\"c\\"", "x,y", ",", ",", "lazyQuotes")', { x: 'a', y: 'b"c' }],
    ['ParseCSV("a,\\"b", "x,y", ",", ",", "ignoreQuotes")', { x: 'a', y: '"b' }],
    ['ParseSeverity(404, {"error": [{"equals": ["err"]}, {"range": "4xx"}]})', 'error'],
    ['ParseSeverity(500, {"error": [{"range": "4xx"}], "fatal": [{"range": {"min": 500, "max": 599}}]})', 'fatal'],
    ['ExtractPatterns("a=1 b=2", "a=(?P<a>\\\\d) b=(?P<b>\\\\d)")', { a: '1', b: '2' }],
    ['ExtractPatterns("x", "a=(?P<a>\\\\d)")', {}],
    [
      'ExtractGrokPatterns("10.0.0.1 42 1.5", "%{IP:net.ip} %{NUMBER:n:int} %{NUMBER:f:float}", true)',
      { 'net.ip': '10.0.0.1', n: 42n, f: 1.5 },
    ],
    ['ExtractGrokPatterns("ab", "%{AB:x}", true, ["AB=a%{B}", "B=b"])', { x: 'ab' }],
  ],
  addresses: [
    ['IsInCIDR("10.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])', true],
    ['IsInCIDR("2001:db8::1", ["2001:db8::/32"])', true],
    ['IsInCIDR("::ffff:10.0.0.1", ["10.0.0.0/8"])', true],
    ['IsInCIDR("x", ["10.0.0.0/8"])', false],
    [
      'CommunityID("192.168.1.10", 5000, "10.0.0.1", 80)',
      evaluate('CommunityID("10.0.0.1", 80, "192.168.1.10", 5000)'),
    ],
    ['CommunityID("1.2.3.4", 70000, "10.0.0.1", 80)', 'error'],
    ['CommunityID("128.232.110.120", 34855, "66.35.250.204", 80, "TCP")', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ],
  encodings: [
    ['Base64Encode("hi?>")', 'aGk/Pg=='],
    ['Base64Encode("hi?>", "base64-raw-url")', 'aGk_Pg'],
    ['Base64Decode("aGk/Pg==")', 'hi?>'],
    ['Base64Decode("aGk/Pg")', 'error'],
    ['Decode("aGk_Pg", "base64-raw-url")', 'hi?>'],
    ['Decode(0x6100, "utf-16")', 'a'],
    ['Decode("x", "no-such")', 'error'],
    ['Hex("hi")', '6869'],
    ['Hex(1)', '0000000000000001'],
    ['UUID()', '00010203-0405-4607-8809-0a0b0c0d0e0f'],
    ['UUIDv7()', '01901bc4-ca00-7607-8809-0a0b0c0d0e0f'],
  ],
  url: [
    [
      'URL("http://jo:pw@example.com:8080/a/b.txt?x=1&y=2#frag")',
      {
        'url.original': 'http://jo:pw@example.com:8080/a/b.txt?x=1&y=2#frag',
        'url.domain': 'example.com',
        'url.scheme': 'http',
        'url.path': '/a/b.txt',
        'url.port': 8080n,
        'url.fragment': 'frag',
        'url.user_info': 'jo:pw',
        'url.username': 'jo',
        'url.password': 'pw',
        'url.query': 'x=1&y=2',
        'url.extension': 'txt',
      },
    ],
    ['URL("")', 'error'],
    ['URL("http://[::1")', 'error'],
    ['URL("http://a.b:x/")', 'error'],
  ],
  format: [
    ['Format("%d|%5d|%-5d|%05d|%x|%+d", [1, 2, 3, 4, 255, 5])', '1|    2|3    |00004|ff|+5'],
    ['Format("%s %v %q", ["a", nil, "b\\"c"])', 'a <nil> "b\\"c"'],
    ['Format("%.2f %e %g %v", [2.675, 1500.0, 0.000001, 100000000.0])', '2.67 1.500000e+03 1e-06 1e+08'],
    ['Format("%.0f %.0f", [0.5, 1.5])', '0 2'],
    ['Format("%d", ["x"])', '%!d(string=x)'],
    ['Format("%d %d", [1])', '1 %!d(MISSING)'],
    ['Format("%d", [1, "x"])', '1%!(EXTRA string=x)'],
    ['Format("100%", [])', '100%!(NOVERB)'],
    ['Format("%%", [])', '%'],
    ['Format("%[2]s %[1]s", ["a", "b"])', 'b a'],
    ['Format("%t %6.2f|", [true, 3.14159])', 'true   3.14|'],
    ['Format("%999999s%999999s%999999s%999999s%999999s", ["", "", "", "", ""])', 'error'],
  ],
};

describe.each(Object.entries(EXPECTED))('%s', (_, cases) => {
  it.each(cases)('%s', (expression, expected) => {
    const result = plain(evaluate(expression));
    if (expected === 'error' && result !== 'error') expect(result).toMatch(/^error: \w+:? /);
    else expect(result).toEqual(expected);
  });
});

describe('the order of keys', () => {
  it('is that of the text', () => {
    const map = evaluate('ParseJSON("{\\"b\\":1,\\"2\\":1,\\"__proto__\\":1,\\"1\\":1}")') as Map<string, unknown>;
    expect([...map.keys()]).toEqual(['b', '2', '__proto__', '1']);
  });
});

describe('what would take long', () => {
  const long = 200_000;
  it.each([
    ['ParseKeyValue(cache["t"])', `a=x${'\u00a0'.repeat(long)}x`],
    ['IsMatch(cache["t"], "(a*)*b")', 'a'.repeat(long)],
    ['Format("%.999999e", [1.5])', ''],
    ['URL(cache["t"])', `http://a:${'9'.repeat(long)}/`],
    ['RemoveXML(cache["t"], "//b")', `<a>${'<b/>'.repeat(15_000)}</a>`],
    [
      'ConvertAttributesToElementsXML(cache["t"])',
      `<a ${Array.from({ length: 15_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`,
    ],
    ['ParseInt(cache["t"], 36)', 'z'.repeat(long)],
    ['ParseCSV(cache["t"], "a")', '"'.repeat(long)],
  ])('%s does not', (expression, t) => {
    const started = performance.now();
    evaluate(expression, { t });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
