/// The style sheet of a page.
enum PageStyle {
  static let rules = """
    :root { color-scheme: light dark; --paper: #fff; --ink: #222; --faint: #5b6470;
      --line: #d9dce0; --box: #f4f5f7; --mark: #0b5cad }
    @media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e6e6e6;
      --faint: #a5adb6; --line: #343a41; --box: #1e2329; --mark: #6db3ff } }
    * { box-sizing: border-box }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
      max-width: 1240px; margin: 0 auto; padding: 1em }
    h1 { font-size: 1.6em; margin: .3em 0 } h2 { font-size: 1.25em; margin: 1.6em 0 .5em }
    h3 { font-size: 1em; margin: .5em 0 }
    .note { color: var(--faint); font-size: .9em; margin: .5em 0; max-width: 75em }
    :focus-visible { outline: 2px solid var(--mark); outline-offset: 1px }
    .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; max-width: 100%;
      width: fit-content }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93em }
    th, td { padding: .25em .7em; text-align: right; white-space: nowrap; font-weight: normal }
    tr + tr > *, tbody > tr > * { border-top: 1px solid var(--line) }
    thead th { font-weight: 600; background: var(--box) }
    th:first-child { text-align: left; position: sticky; left: 0; background: var(--box) }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2em 1.4em; padding: 0;
      margin: .5em 0 }
    .legend svg { vertical-align: middle }
    .curves { display: flex; flex-wrap: wrap; gap: 1em 1.2em; align-items: flex-start }
    .panel { flex: 1 1 340px; min-width: 0; max-width: 560px; position: relative }
    .panel svg { display: block; width: 100%; height: auto; font-size: 12px }
    .rates { flex: 1 1 260px; min-width: 0 }
    #tip { position: absolute; z-index: 1; pointer-events: none; background: var(--ink);
      color: var(--paper); font-size: .85em; line-height: 1.35; padding: .3em .6em;
      border-radius: 4px; width: max-content; max-width: 15em }
    details { margin: .6em 0 } summary { cursor: pointer }
    dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25em 1em;
      margin: 0 }
    dt { color: var(--faint) } dd { margin: 0; overflow-wrap: anywhere }
    .controls { display: flex; flex-wrap: wrap; gap: .4em 1em; margin: .5em 0 }
    .controls label { display: flex; gap: .4em; align-items: baseline; color: var(--faint);
      max-width: 100% }
    select { font: inherit; color: var(--ink); background: var(--box);
      border: 1px solid var(--line); border-radius: 4px; padding: .15em .3em;
      min-width: 0; max-width: 15em }
    #frame { min-width: min(100%, 30em); max-width: 100% }
    #stage { position: relative; display: grid; overflow: hidden; user-select: none;
      background: repeating-conic-gradient(#999 0 25%, #bbb 0 50%) 0 0 / 16px 16px }
    #stage.beside { grid-template-columns: 1fr 1fr; gap: 3px }
    .pane { overflow: hidden; position: relative; min-width: 0 }
    .divided .pane, .divided #divider { grid-area: 1 / 1 }
    .pane img { position: absolute; left: 0; top: 0; transform-origin: 0 0; max-width: none }
    #divider { width: 2px; background: #fff; box-shadow: 0 0 0 1px #000; justify-self: start;
      cursor: ew-resize; z-index: 1 }
    .beside #divider { display: none }
    #split { width: 100%; margin: .4em 0; accent-color: var(--mark) }
    .captions { display: grid; grid-template-columns: 1fr 1fr; gap: 1em; font-size: .9em }
    .captions p { margin: 0 } #note-right { text-align: right }
    @media (max-width: 640px) {
      dl { grid-template-columns: minmax(0, 1fr) } dd { margin-bottom: .4em }
      th, td { padding: .25em .5em }
    }
    """
}
