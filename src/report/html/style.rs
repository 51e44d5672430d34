//! The page's style sheet.

/// Dark and light by the reader's preference; plain black on white on paper.
pub const STYLE: &str = "\
:root{color-scheme:light dark;--bg:#fdfdfc;--fg:#1d2126;--faint:#68707a;--line:#d9dde2;--card:#f3f4f6;--bad:#b3261e;--doubt:#8a5a00;--good:#1a7f37;--mark:#fff0c2}\
@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e4e7eb;--faint:#98a1ac;--line:#333a43;--card:#1c2127;--bad:#ff7b72;--doubt:#e3b341;--good:#56d364;--mark:#3d3416}}\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\
h1{font-size:1.4rem;line-height:1.3;margin:.5rem 0}h2{font-size:1.05rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1rem 0 .25rem}\
.badge{display:inline-block;padding:.1rem .6rem;border-radius:.3rem;border:2px solid;font-weight:700}\
.bad{color:var(--bad)}.doubt{color:var(--doubt)}.good{color:var(--good)}.faint{color:var(--faint)}\
code,pre{font-family:ui-monospace,monospace;font-size:.9em}\
pre{background:var(--card);padding:.75rem;overflow-x:auto;white-space:pre-wrap}\
pre .cause{background:var(--mark);font-weight:700}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}th{color:var(--faint);font-weight:600;white-space:nowrap}.n{white-space:nowrap}.signs{list-style:none;padding:0;margin:0}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}dt{color:var(--faint)}dd{margin:0}\
ul{margin:.25rem 0;padding-left:1.2rem}\
.bar{display:inline-block;width:6rem;height:.7rem;background:var(--line);border-radius:.2rem;overflow:hidden;vertical-align:middle}.bar i{display:block;height:100%;background:currentColor}\
a.id{font-size:.8em;color:var(--faint)}tr:target{background:var(--mark)}\
svg{width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:var(--fg)}svg .lane{stroke:var(--line)}svg .faint{fill:var(--faint);stroke:none}svg .dot{fill:var(--fg)}svg .death{stroke:var(--bad);stroke-width:3}svg .life{fill:var(--good);opacity:.35}svg .end{fill:var(--bad)}svg .limit{fill:var(--faint)}svg .request{fill:var(--faint);opacity:.5}\
@media print{:root{color-scheme:light;--bg:#fff;--fg:#000;--faint:#444;--line:#bbb;--card:#f4f4f4;--bad:#900;--doubt:#640;--good:#060;--mark:#eee}body{max-width:none;padding:0;font-size:11px}h2{break-after:avoid}tr,pre{break-inside:avoid}}";
