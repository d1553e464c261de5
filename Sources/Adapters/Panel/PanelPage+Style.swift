extension PanelPage {
    /// Light or dark as the device is; two columns, one on a telephone; nothing to touch is smaller than 44 pixels.
    static let style = #"""
        :root {
          color-scheme: light dark;
          --ink: #16202b; --soft: #4d5b6a; --line: #d7e0ea; --paper: #eef3f8; --card: #fff; --blue: #1d4468;
          --accent: #1f6fb2; --good: #17713d; --bad: #b3202b; --plate: linear-gradient(#f4f7fa, #d9e0e8);
          --edge: #c3ccd7; --ring: #97a3b1; --shade: rgba(22, 40, 62, .16);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ink: #f5f8fb; --soft: #b9c6d3; --line: #33424f; --paper: #0d131a; --card: #18212b; --accent: #7cbdf2;
            --good: #62cf96; --bad: #ff8a85; --plate: linear-gradient(#2a3542, #1b242e); --edge: #3a4958;
            --ring: #5c6b7b; --shade: rgba(0, 0, 0, .5);
          }
        }
        * { box-sizing: border-box }
        html { -webkit-text-size-adjust: 100% }
        body {
          margin: 0; font: 1rem/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: var(--ink);
          background: var(--paper); min-height: 100vh; display: flex; flex-direction: column;
        }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 6px }
        .skip { position: absolute; left: -999rem }
        .skip:focus {
          left: 1rem; top: .5rem; z-index: 2; background: #fff; color: #16202b; padding: .75rem 1rem; border-radius: 8px;
          min-height: 44px;
        }

        header {
          display: flex; align-items: center; gap: .75rem 1rem; color: #f5f8fb; background: #1d4468;
          padding: .5rem max(1.25rem, env(safe-area-inset-left)); box-shadow: 0 1px 8px var(--shade);
        }
        header :focus-visible { outline-color: #fff }
        .sign { border-radius: 10px; box-shadow: 0 0 0 1px rgba(255, 255, 255, .25) }
        .name { flex: 1; min-width: 0 }
        .name h1 { font-size: 1.15rem; line-height: 1.25; margin: 0; font-weight: 650 }
        .name p { margin: 0; font-size: .9rem; color: #c9dcee }
        .name h1, .name p { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
        .link { margin: 0; font-size: .9rem; white-space: nowrap }
        .link::before {
          content: ""; display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin-right: .5em;
          background: #f2bc52; transform: rotate(45deg);
        }
        .link.up::before { background: #62cf96; border-radius: 50% }
        nav { display: flex; gap: .25rem }
        nav a {
          display: grid; place-items: center; min-width: 44px; min-height: 44px; color: #f5f8fb; border-radius: 10px;
          text-decoration: none; font-weight: 600; font-size: .9rem;
        }
        nav a:hover { background: rgba(255, 255, 255, .14) }
        nav a[aria-current=page] { box-shadow: inset 0 -3px #7cbdf2; border-radius: 10px 10px 4px 4px }

        main {
          display: grid; grid-template-columns: minmax(0, 1fr) 21rem; gap: 1.5rem; width: 100%; max-width: 88rem; flex: 1;
          margin: 0 auto; padding: 1.5rem 1.25rem; align-items: start;
        }
        .front { display: grid; gap: 1rem; justify-items: center }
        .tv {
          position: relative; width: 100%; max-width: calc((100vh - 21rem) * 16 / 9); min-width: min(100%, 30rem);
          padding: 12px 12px 16px; border-radius: 16px; background: linear-gradient(#2c3138, #111418);
          box-shadow: 0 1px 0 #4a515b inset, 0 18px 44px var(--shade);
        }
        .tv canvas, .tv .plain {
          display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #000; border-radius: 5px;
        }
        .veil {
          position: absolute; inset: 12px 12px 16px; margin: 0; display: grid; place-items: center; text-align: center;
          padding: 1rem; color: #f5f8fb; background: rgba(13, 19, 26, .8); border-radius: 5px; font-size: 1.1rem;
        }
        .veil.brief { inset: auto 12px 16px; padding: .6rem; font-size: .95rem }
        .veil[hidden] { display: none }
        .tv:fullscreen { padding: 0; border-radius: 0; max-width: none; display: grid; place-items: center; background: #000 }
        .tv:fullscreen canvas { max-height: 100vh; border-radius: 0 }

        .under { position: relative; display: flex; justify-content: center; align-items: center; width: 100%;
          max-width: calc((100vh - 21rem) * 16 / 9); min-height: 44px; padding: 0 56px; margin: -.25rem 0 }
        .lamp { display: flex; align-items: center; gap: .6rem; margin: 0; color: var(--soft); font-size: .95rem }
        .full {
          position: absolute; right: 0; top: 0; width: 44px; height: 44px; border: 0; border-radius: 10px; padding: 11px;
          cursor: pointer; background: none; color: var(--soft);
        }
        .full:hover { background: var(--line); color: var(--ink) }
        .full[hidden] { display: none }
        .full svg { display: block; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round;
          stroke-linejoin: round }
        .bulb {
          width: 1.05rem; height: 1.05rem; border-radius: 50%; background: var(--lamp, #5c6b7b); flex: none;
          border: 2px solid var(--ring); box-shadow: 0 0 12px 2px var(--lamp, transparent);
        }
        .bulb[data-lamp=off] { background: transparent; box-shadow: none }
        .bulb[data-lamp=dim] { opacity: .75 }
        .bulb[data-lamp=blink-1hz] { animation: bulb 1s steps(2, jump-none) infinite }
        .bulb[data-lamp=blink-2hz] { animation: bulb .5s steps(2, jump-none) infinite }
        .bulb[data-lamp=breathing] { animation: bulb 1.2s ease-in-out infinite alternate }
        .bulb[data-lamp=flashes] { animation: bulb .4s steps(2, jump-none) infinite }
        @keyframes bulb { to { background: transparent; box-shadow: none } }

        .board {
          display: flex; flex-wrap: wrap; justify-content: center; gap: 1.25rem .75rem; width: 100%;
          padding: 1.4rem 1rem 1.1rem; border-radius: 20px; border: 1px solid var(--edge); background: var(--plate);
          box-shadow: 0 1px 0 rgba(255, 255, 255, .25) inset, 0 6px 18px var(--shade);
        }
        .key { display: grid; justify-items: center; align-content: start; gap: .4rem; width: 7rem; text-align: center }
        .key button {
          position: relative; width: 4.75rem; height: 4.75rem; border-radius: 50%; border: 5px solid var(--ring);
          padding: 0; color: #fff; font: 600 1.6rem/1 system-ui, sans-serif; cursor: pointer; touch-action: manipulation;
          user-select: none; -webkit-user-select: none; -webkit-tap-highlight-color: transparent;
          background: radial-gradient(circle at 35% 26%, #66727f, #2b333d);
          box-shadow: 0 5px 0 #6f7a87, 0 9px 16px var(--shade), inset 0 2px 4px rgba(255, 255, 255, .35);
        }
        .key button:focus-visible { border-radius: 50% }
        .key button:hover { filter: brightness(1.08) }
        .key button.down { transform: translateY(4px); box-shadow: 0 1px 0 #6f7a87 }
        .key button::after {
          content: ""; position: absolute; inset: -12px; border-radius: 50%; border: 4px solid var(--accent);
          opacity: 0; transform: scale(.82); pointer-events: none;
        }
        .key button.down::after { animation: hold 1.2s .25s ease-out forwards }
        @keyframes hold { to { opacity: 1; transform: scale(1) } }
        .key svg {
          width: 2rem; height: 2rem; fill: none; stroke: #fff; stroke-width: 2; stroke-linecap: round;
          stroke-linejoin: round; vertical-align: middle;
        }
        .join button { background: radial-gradient(circle at 35% 26%, #3fae70, #11643a) }
        .hang-up button { background: radial-gradient(circle at 35% 26%, #e0605d, #96161b) }
        .key[data-lamp]:not([data-lamp=off]) button {
          border-color: var(--lamp); box-shadow: 0 0 18px 3px var(--lamp), 0 5px 0 #6f7a87;
        }
        .key[data-lamp=blink-1hz] button { animation: lamp 1s steps(2, jump-none) infinite }
        .key[data-lamp=blink-2hz] button { animation: lamp .5s steps(2, jump-none) infinite }
        .key[data-lamp=breathing] button { animation: lamp 1.2s ease-in-out infinite alternate }
        @keyframes lamp { to { border-color: var(--ring); box-shadow: 0 5px 0 #6f7a87 } }
        .label { font-weight: 600; font-size: .95rem; line-height: 1.2; overflow-wrap: anywhere }
        .sub { font-size: .85rem; line-height: 1.2; color: var(--soft); min-height: 1em }
        .sub.on { color: var(--bad); font-weight: 600 }
        kbd {
          font: .8rem/1.5 ui-monospace, monospace; border: 1px solid var(--edge); border-bottom-width: 2px;
          border-radius: 5px; padding: 0 .45em; background: var(--card); color: var(--soft);
        }
        .note { color: var(--bad); font-weight: 600; margin: 0 }
        .note:empty { display: none }
        .hint { color: var(--soft); font-size: .9rem; margin: 0; text-align: center }

        .side { display: grid; gap: 1rem; min-width: 0 }
        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 1rem 1.15rem; min-width: 0;
        }
        .card h2, summary {
          font-size: .85rem; text-transform: uppercase; letter-spacing: .06em; color: var(--soft); margin: 0;
          font-weight: 650;
        }
        .phase { font-size: 1.45rem; font-weight: 650; line-height: 1.25; margin: .35rem 0 0 }
        .message { color: var(--soft); margin: .35rem 0 0; overflow-wrap: anywhere }
        .message.bad { color: var(--bad) }
        .message:empty, .chips:empty { display: none }
        ul, ol { list-style: none; margin: 0; padding: 0 }
        .chips { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .75rem }
        .chips li {
          border: 1px solid var(--line); border-radius: 99px; padding: .15rem .7rem; font-size: .9rem; background: var(--paper);
        }
        .chips .on { border-color: var(--bad); color: var(--bad); font-weight: 600 }
        .people { margin-top: .35rem }
        .people li { display: flex; gap: .75rem; padding: .45rem 0; border-top: 1px solid var(--line) }
        .people li:first-child { border-top: 0 }
        .people .who { flex: 1; min-width: 0; overflow-wrap: anywhere }
        .people .marks { color: var(--soft); font-size: .9rem; text-align: right }
        .people .speaking .who { font-weight: 650; color: var(--good) }
        .none { color: var(--soft) }
        .journal { margin-top: .35rem; max-height: 17rem; overflow-y: auto; overscroll-behavior: contain }
        .journal li { display: flex; gap: .75rem; padding: .35rem 0; border-top: 1px solid var(--line) }
        .journal li:first-child { border-top: 0 }
        .journal time { color: var(--soft); font-variant-numeric: tabular-nums; font-size: .9rem; flex: none }
        .journal .bad { color: var(--bad); font-weight: 600 }
        .journal .press { color: var(--soft) }
        summary { min-height: 44px; margin: -1rem -1.15rem; padding: .75rem 1.15rem; cursor: pointer; line-height: 1.5 }
        details[open] summary { margin-bottom: 0 }
        table { border-collapse: collapse; width: 100%; font-size: .9rem }
        th, td { text-align: left; vertical-align: top; padding: .3rem 0; border-top: 1px solid var(--line); font-weight: 400 }
        th { color: var(--soft); padding-right: .75rem }
        td { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
        footer { text-align: center; color: var(--soft); font-size: .85rem; padding: 0 1rem 1.25rem }

        @media (max-width: 60rem) {
          main { grid-template-columns: minmax(0, 1fr); gap: 1rem; padding: 1rem }
          .tv, .under { max-width: none }
        }
        @media (max-width: 40rem) {
          header { flex-wrap: wrap; padding: .4rem .75rem }
          .sign { width: 34px; height: 34px }
          .link { order: 1; flex-basis: 100%; margin-top: -.35rem; padding-left: 3.1rem }
          .link.up { order: 0; flex-basis: auto; margin: 0; padding: 0; font-size: 0 }
          .link.up::before { width: .75rem; height: .75rem; margin: 0 }
          main { padding: 0 0 1rem }
          .tv { border-radius: 0; padding: 0; box-shadow: none; min-width: 0; position: sticky; top: 0; z-index: 1 }
          .tv canvas { border-radius: 0 }
          .veil, .veil.brief { left: 0; right: 0; bottom: 0; border-radius: 0 }
          .veil { top: 0 } .veil.brief { top: auto }
          .full { right: .5rem }
          .board { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); border-radius: 0; border-inline: 0;
            padding-inline: .5rem }
          .key { width: auto }
          .side { padding: 0 .75rem }
          .hint { padding: 0 1rem }
        }
        @media (scripting: none) { .tv canvas, .under { display: none } }
        @media (hover: none) { kbd { display: none } }
        @media (prefers-reduced-motion: reduce) { *, *::after { animation: none !important; transition: none !important } }
        @media (forced-colors: active) { .bulb, .key button { forced-color-adjust: none } }
        .access { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: 1rem; }
        .access[hidden] { display: none; }
        .access input, .access button { font: inherit; padding: .5rem .75rem; }

        """#
}
