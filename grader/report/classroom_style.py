"""What the pages of a class add to how all our pages look."""

STYLE = """
main.class { max-width: none; }
header.plain { --mood: var(--note-edge); }
header.plain .figures { margin-bottom: 0; }
.soft { color: var(--soft); font-size: 0.875rem; font-weight: 400; }
p.soft { margin: 0; font-family: ui-sans-serif, system-ui, sans-serif; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.wide { overflow-x: auto; max-height: 80vh; background: var(--paper); border: 1px solid var(--line);
  border-radius: 10px; }
caption { padding: 0.5rem 1rem; text-align: left; color: var(--soft); font-size: 0.875rem; }
.grid, .facts-table { padding: 0; }
.grid th, .grid td, .facts-table th, .facts-table td { width: auto; padding: 0.25rem 0.7rem; text-align: left;
  font: 0.875rem/1.6 ui-sans-serif, system-ui, sans-serif; border-bottom: 1px solid var(--line);
  color: var(--ink); user-select: auto; vertical-align: top; }
.grid td { position: relative; white-space: nowrap; font-variant-numeric: tabular-nums; }
.grid td.good, .grid td.bad, .grid td.unsure { background: var(--wash); }
.grid th[scope="row"] { position: sticky; left: 0; background: var(--paper); white-space: nowrap; }
.grid thead th { position: sticky; top: 0; z-index: 1; background: var(--paper); font-weight: 600; }
.grid thead th:first-child { left: 0; z-index: 2; }
.grid tfoot th, .grid tfoot td { color: var(--soft); }
.late { margin-left: 0.4rem; padding: 0 0.35rem; font-size: 0.75rem;
  border: 1px solid currentColor; border-radius: 4px; color: var(--unsure); }
.facts-table { width: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
.facts-table th[scope="row"] { font-weight: 600; max-width: 34rem; }
.facts-table td:last-child { max-width: 40rem; }
meter { width: 8rem; height: 0.9rem; vertical-align: middle; }
.toc { display: flex; flex-wrap: wrap; gap: 0.4rem; padding: 0; list-style: none; }
.toc a { display: block; padding: 0.1rem 0.7rem; border-radius: 999px; text-decoration: none;
  color: var(--ink); background: var(--wash, var(--paper)); border: 1px solid var(--mood, var(--line)); }
.kata { margin: 0 0 2rem; }
.kata > h2 { margin-bottom: 0.25rem; }
.kata > .verdict { color: var(--mood); font-size: 1rem; }
.excerpt { margin: 0.9rem 0; }
.excerpt .here { font-weight: 700; color: var(--bad); }
.hint { padding: 0.6rem 1.2rem; background: var(--note);
  border-left: 4px solid var(--note-edge); border-radius: 6px; }
.hint > :last-child { margin-bottom: 0; }
@media print { .wide { overflow: visible; max-height: none; }
  .grid th[scope="row"], .grid thead th { position: static; } }
"""
