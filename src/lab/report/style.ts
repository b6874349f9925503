/** The style of a report: the same colours as the UI, light and dark by what the reader's system asks for, and for paper. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #ffffff; --panel: #f6f8fa; --text: #1f2328; --muted: #59636e; --border: #d1d9e0;
  --accent: #0a70c2; --ok: #127a86; --warning: #7d6200; --failing: #9c1030; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0f1419; --panel: #171d25; --text: #e6edf3; --muted: #9aa7b4; --border: #303a46;
    --accent: #2f95f0; --ok: #7ff0e0; --warning: #f6c12c; --failing: #ff5c77; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 8px; }
h2 { font-size: 19px; margin: 40px 0 8px; border-bottom: 1px solid var(--border); padding-bottom: 4px; }
h3 { font-size: 16px; margin: 24px 0 6px; }
p { margin: 6px 0; max-width: 75ch; }
.muted, caption { color: var(--muted); }
a { color: var(--accent); }
code { font: 13px/1.5 ui-monospace, monospace; }
pre { background: var(--panel); border: 1px solid var(--border); border-radius: 6px; padding: 8px 12px; margin: 6px 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin: 10px 0; }
table { border-collapse: collapse; font-size: 14px; }
caption { text-align: left; padding-bottom: 4px; white-space: nowrap; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 8px; border-bottom: 1px solid var(--border); }
thead th { background: var(--panel); vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 10em; }
summary { color: var(--accent); cursor: pointer; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.better { color: var(--ok); font-weight: 600; }
.worse, .problem { color: var(--failing); font-weight: 600; }
.unclear { color: var(--warning); }
.shade-1 { background: color-mix(in srgb, var(--failing) 8%, var(--bg)); }
.shade-2 { background: color-mix(in srgb, var(--failing) 15%, var(--bg)); }
.shade-3 { background: color-mix(in srgb, var(--failing) 23%, var(--bg)); }
.shade-4 { background: color-mix(in srgb, var(--failing) 32%, var(--bg)); }
td[class*=shade] { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
svg { display: block; width: 100%; min-width: 480px; height: auto; overflow: visible; }
svg text { fill: var(--text); font: 12px ui-monospace, monospace; }
svg .tick { fill: var(--muted); font-size: 11px; }
svg .grid { stroke: var(--border); stroke-width: 1; }
svg .interval { stroke: var(--accent); stroke-width: 2; }
svg .run { fill: var(--muted); fill-opacity: 0.6; }
svg .mean, svg .bar { fill: var(--accent); }
svg .series { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 8px 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
@media print {
  :root { --bg: #ffffff; --panel: #f6f8fa; --text: #1f2328; --muted: #59636e; --border: #d1d9e0;
    --accent: #0a70c2; --ok: #127a86; --warning: #7d6200; --failing: #9c1030; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  h2, h3 { break-after: avoid; }
  svg, tr, pre { break-inside: avoid; }
}
`;
