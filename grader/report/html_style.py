"""How our pages look: system fonts, much room, both colour schemes, and a sober sheet when printed."""

STYLE = """
:root { color-scheme: light dark; --page: #f5f6f8; --paper: #ffffff; --ink: #1f2933; --soft: #5b6774;
  --line: #e1e5ea; --good: #22703f; --good-wash: #e9f6ee; --bad: #b42318; --bad-wash: #fdeeec;
  --unsure: #8a5a00; --unsure-wash: #fdf5e2; --link: #1d5fa8; --note: #eef4fc; --note-edge: #3b7dd8;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { --page: #12171d; --paper: #1b222a; --ink: #e4e7eb;
  --soft: #a3aeba; --line: #313c47; --good: #6fcf97; --good-wash: #183226; --bad: #ff8f85;
  --bad-wash: #3a1e1d; --unsure: #f0c15c; --unsure-wash: #352a12; --link: #7db8f5; --note: #1d2b3c;
  --note-edge: #5b9bea; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.6 ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
a { color: var(--link); text-underline-offset: 0.15em; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
h2 { margin: 3rem 0 1rem; font-size: 1.25rem; }
header { padding: 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 14px;
  border-top: 6px solid var(--mood); }
.good { --mood: var(--good); --wash: var(--good-wash); }
.bad { --mood: var(--bad); --wash: var(--bad-wash); }
.unsure { --mood: var(--unsure); --wash: var(--unsure-wash); }
.kicker { margin: 0; color: var(--soft); font-size: 0.875rem; letter-spacing: 0.08em;
  text-transform: uppercase; }
h1 { margin: 0.1rem 0 1rem; font-size: 2rem; line-height: 1.2; }
.sign { font-weight: 700; color: var(--mood); }
.verdict { margin: 0; font-size: 1.25rem; font-weight: 600; color: var(--mood); }
.score { margin: 0.25rem 0 1.25rem; color: var(--soft); }
.score strong { color: var(--ink); }
.score span { margin-left: 0.75rem; padding-left: 0.85rem; border-left: 1px solid var(--line); }
.meter { display: flex; flex-wrap: wrap; gap: 6px; }
.meter a { flex: 1 1 2.25rem; max-width: 6rem; padding: 0.1rem 0; text-align: center; text-decoration: none;
  background: var(--wash); border-bottom: 3px solid var(--mood); border-radius: 4px; }
.check { margin: 0 0 1rem; padding: 1.1rem 1.5rem; background: var(--paper); border: 1px solid var(--line);
  border-left: 5px solid var(--mood); border-radius: 10px; scroll-margin-top: 1rem; }
.check.good { padding-block: 0.6rem; }
.check > :last-child { margin-bottom: 0; }
.check h3 { display: flex; align-items: baseline; gap: 0.6rem; margin: 0; font-size: 1rem;
  line-height: 1.4; }
.badge { flex: none; margin-left: auto; padding: 0 0.6rem; font-size: 0.8125rem; font-weight: 600;
  color: var(--mood); background: var(--wash); border-radius: 999px; }
.took { flex: none; min-width: 3.5rem; text-align: right; color: var(--soft); font-size: 0.875rem;
  font-weight: 400; }
.points { flex: none; min-width: 3rem; text-align: right; color: var(--soft); font-size: 0.875rem;
  font-weight: 400; }
.rationale { margin: 0.9rem 0; white-space: pre-line; overflow-wrap: anywhere; }
.place { margin: 0.9rem 0; }
.misconception { margin: 1rem 0; padding: 0.9rem 1.2rem; background: var(--note);
  border-left: 4px solid var(--note-edge);
  border-radius: 6px; }
.misconception h4 { margin: 0 0 0.2rem; font-size: 1rem; }
.misconception p { margin: 0 0 0.3rem; }
.misconception .pointer { margin: 0; color: var(--soft); font-size: 0.875rem; }
.figures { display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem; margin: 1rem 0; }
.figures dt { color: var(--soft); font-size: 0.8125rem; }
.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.timeline { margin: 1.25rem 0 0; padding: 1rem 0 0; border-top: 1px solid var(--line); overflow-x: auto; }
.timeline svg { min-width: 36rem; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--soft); }
pre { margin: 0.5rem 0 0; padding: 0.9rem 1.1rem; overflow-x: auto; background: var(--page);
  border-radius: 6px; }
.file { overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
table { width: 100%; padding: 0.6rem 0; border-collapse: separate; border-spacing: 0; }
th { width: 1%; padding: 0 0.9rem 0 1.1rem; color: var(--soft); font: 0.8125rem/1.6 var(--mono);
  text-align: right;
  vertical-align: top; user-select: none; }
td { padding: 0 1.1rem 0 0; line-height: 1.6; }
td code { white-space: pre; }
tr { scroll-margin-top: 30vh; }
tr:target { background: var(--note); }
.marked, .marked:target { background: var(--bad-wash); }
.marked th { color: var(--bad); font-weight: 700; box-shadow: inset 4px 0 0 var(--bad); }
.marked th::before { content: "\\25B8\\00A0"; }
.note { display: block; width: fit-content; margin: 0.1rem 0 0.35rem; font-size: 0.8125rem;
  color: var(--bad);
  --mood: var(--bad); text-decoration: none; }
.note:hover { text-decoration: underline; }
.facts { display: flex; flex-wrap: wrap; gap: 0.4rem 2rem; margin: 2.5rem 0 0; color: var(--soft);
  font-size: 0.8125rem; }
.facts div { display: flex; gap: 0.5rem; }
.facts dd { margin: 0; color: var(--ink); }
@media (max-width: 34rem) { main { padding: 1.25rem 0.75rem 3rem; } header { padding: 1.25rem; }
  .check { padding-inline: 1rem; } .check h3 { flex-wrap: wrap; }
  .check h3 > span:nth-child(2) { flex: 1 1 75%; }
  .badge { margin-left: 0; } }
@media print { :root { --page: #ffffff; --paper: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb;
  --good: #22703f; --bad: #b42318; --unsure: #8a5a00; --good-wash: #ffffff; --bad-wash: #f3f3f3;
  --unsure-wash: #ffffff; --note: #f6f6f6; --note-edge: #888888; --link: #000000; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  header, figure, .figures, tr, .misconception { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .meter { display: none; }
  .timeline svg { min-width: 0; }
  td code { white-space: pre-wrap; } }
"""
