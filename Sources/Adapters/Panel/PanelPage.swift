import Basis

/// The page of the panel: one file, no script and no picture of anybody else.
enum PanelPage {
    /// The page with the board's buttons.
    static func document(buttons: [String]) -> String {
        let names = JSONValue.array(buttons.map { .string($0) }).serialized()
        // No name can end the script element that holds it.
        let safe = names.split(separator: "<", omittingEmptySubsequences: false).joined(separator: "\\u003c")
        return head + safe + tail
    }

    private static let head = #"""
        <!DOCTYPE html>
        <html lang="fr">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Visiosalle</title>
        <link rel="icon" href="data:,">
        <style>
        :root { color-scheme: light; --ink: #1b2230; --soft: #5b6577; --line: #d9dee7; --paper: #f4f6f9;
          --blue: #1f4e8c; --green: #1f9d55; --red: #d3312b; --amber: #e0a021 }
        * { box-sizing: border-box }
        body { margin: 0; font: 16px/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: var(--ink);
          background: var(--paper) }
        header { display: flex; align-items: baseline; gap: .75rem; padding: .9rem 1.25rem; background: #fff;
          border-bottom: 1px solid var(--line) }
        header h1 { font-size: 1.1rem; margin: 0; color: var(--blue); letter-spacing: .01em }
        header p { margin: 0; color: var(--soft); flex: 1; overflow: hidden; text-overflow: ellipsis;
          white-space: nowrap }
        #link { font-size: .85rem; color: var(--soft); white-space: nowrap }
        #link::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 50%;
          margin-right: .45em; background: var(--amber) }
        #link.up::before { background: var(--green) }
        main { display: grid; grid-template-columns: minmax(0, 1fr) 18rem; gap: 1.5rem; max-width: 78rem;
          margin: 1.25rem auto; padding: 0 1.25rem }
        .tv { background: linear-gradient(#2a2e35, #14161a); border-radius: 14px; padding: 12px 12px 22px;
          box-shadow: 0 16px 40px rgba(20, 30, 50, .28); position: relative }
        #lamp { position: absolute; bottom: 5px; left: 50%; width: 12px; height: 12px; margin-left: -6px;
          border-radius: 50%; background: var(--lamp, #333); box-shadow: 0 0 8px 1px var(--lamp, transparent) }
        #lamp[data-lamp=dim] { opacity: .55 }
        #lamp[data-lamp=blink-1hz] { animation: status 1s steps(2, jump-none) infinite }
        #lamp[data-lamp=blink-2hz] { animation: status .5s steps(2, jump-none) infinite }
        #lamp[data-lamp=breathing] { animation: status 2.4s ease-in-out infinite alternate }
        #lamp[data-lamp=flashes] { animation: status .4s steps(2, jump-none) infinite }
        @keyframes status { to { opacity: .1 } }
        .tv img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #000;
          border-radius: 4px }
        .foot { height: 16px; width: 26%; margin: 0 auto; background: linear-gradient(#2a2e35, #4a505b) }
        .foot + .base { height: 7px; width: 44%; margin: 0 auto; border-radius: 4px 4px 0 0; background: #3b4048 }
        .board { display: flex; flex-wrap: wrap; justify-content: center; gap: 1.1rem 1.5rem; margin-top: 1.25rem;
          padding: 1.25rem 1rem; border-radius: 16px; border: 1px solid #c9ced8;
          background: linear-gradient(#eceff3, #d5dae2) }
        .key { display: grid; justify-items: center; gap: .45rem; width: 6.2rem; text-align: center; font-size: .85rem }
        .key button { width: 4.4rem; height: 4.4rem; border-radius: 50%; border: 5px solid #9aa2af; padding: 0;
          color: #fff; font-size: 1.5rem; font-weight: 600; cursor: pointer; touch-action: manipulation;
          user-select: none; -webkit-user-select: none; background: radial-gradient(circle at 35% 28%, #7a8494, #3a414d);
          box-shadow: 0 5px 0 #7f8794, 0 8px 14px rgba(0, 0, 0, .28), inset 0 2px 5px rgba(255, 255, 255, .4) }
        .key button:active, .key button.down { transform: translateY(4px); box-shadow: 0 1px 0 #7f8794 }
        .key button:focus-visible { outline: 3px solid var(--blue); outline-offset: 3px }
        .key svg { width: 1.9rem; height: 1.9rem; fill: none; stroke: #fff; stroke-width: 2; stroke-linecap: round;
          stroke-linejoin: round; vertical-align: middle }
        .join button { background: radial-gradient(circle at 35% 28%, #56c486, #157a40) }
        .hang-up button { background: radial-gradient(circle at 35% 28%, #ef7a74, #a81d18) }
        .key[data-lamp]:not([data-lamp=off]) button { border-color: var(--lamp);
          box-shadow: 0 0 18px 3px var(--lamp), 0 5px 0 #7f8794 }
        .key[data-lamp=blink-1hz] button { animation: lamp 1s steps(2, jump-none) infinite }
        .key[data-lamp=blink-2hz] button { animation: lamp .5s steps(2, jump-none) infinite }
        .key[data-lamp=breathing] button { animation: lamp 2.4s ease-in-out infinite alternate }
        @keyframes lamp { to { border-color: #9aa2af; box-shadow: 0 5px 0 #7f8794 } }
        kbd { font: .75rem ui-monospace, monospace; border: 1px solid #b9c0cc; border-radius: 4px; padding: 0 .35em;
          background: #fff; color: var(--soft) }
        aside { background: #fff; border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.1rem;
          align-self: start }
        aside h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--soft);
          margin: 0 0 .5rem } aside h2:not(:first-child) { margin-top: 1.25rem }
        #phase { font-size: 1.15rem; font-weight: 600 } #message { color: var(--soft) }
        ul { list-style: none; margin: 0; padding: 0 } li { display: flex; gap: .5rem; padding: .4rem 0;
          border-top: 1px solid var(--line) } li:first-child { border-top: 0 }
        li span:first-child { flex: 1; overflow: hidden; text-overflow: ellipsis } li .marks { color: var(--soft);
          font-size: .8rem; text-align: right }
        li.speaking span:first-child { font-weight: 600; color: var(--green) }
        #note { min-height: 1.4em; text-align: center; color: var(--red); margin: .6rem 0 0 }
        @media (max-width: 52rem) { main { grid-template-columns: minmax(0, 1fr); gap: 1rem; padding: 0 .75rem }
          .key { width: 5.2rem } kbd { display: none } header p { white-space: normal } }
        @media (prefers-reduced-motion: reduce) { .key button { animation: none !important } }
        </style>
        </head>
        <body>
        <header><h1>Visiosalle</h1><p id="room"></p><span id="link" role="status"></span></header>
        <main>
        <section>
        <div class="tv"><img id="screen" alt=""><span id="lamp"></span></div><div class="foot"></div><div class="base"></div>
        <div class="board" id="board"></div>
        <p id="note" role="alert"></p>
        </section>
        <aside>
        <h2 data-text="state"></h2><div id="phase" aria-live="polite"></div><div id="message"></div>
        <h2><span data-text="people"></span> <span id="count"></span></h2><ul id="people"></ul>
        </aside>
        </main>
        <script type="application/json" id="names">
        """#

    private static let tail = #"""
        </script>
        <script>
        "use strict";
        const french = /^fr/i.test(navigator.language || "fr");
        document.documentElement.lang = french ? "fr" : "en";
        const T = french ? {
          state: "État", people: "Participants", alone: "Personne pour le moment", up: "en direct",
          down: "reconnexion…", tv: "L’écran de la salle", join: "Rejoindre", mute: "Micro", "hang-up": "Raccrocher",
          camera: "Caméra", hand: "Main levée", layout: "Affichage", muted: "micro coupé", dark: "caméra coupée", raised: "main levée",
          moderator: "animateur", failed: "Le boîtier n’a pas pris l’appui.", hint: "appui long : maintenir",
          phases: { idle: "Au repos", starting: "Démarrage", joining: "Connexion en cours", connecting: "Connexion en cours",
            lobby: "En salle d’attente", "in-call": "En réunion", joined: "En réunion", reconnecting: "Reconnexion",
            leaving: "Fin de la réunion", fault: "Panne" }
        } : {
          state: "State", people: "Participants", alone: "Nobody yet", up: "live", down: "reconnecting…",
          tv: "The room’s screen", join: "Join", mute: "Microphone", "hang-up": "Hang up", camera: "Camera",
          hand: "Raise hand", layout: "Layout", muted: "muted", dark: "camera off", raised: "hand raised", moderator: "moderator",
          failed: "The box did not take the press.", hint: "long press: hold",
          phases: { idle: "Idle", starting: "Starting", joining: "Joining", connecting: "Joining", lobby: "In the lobby",
            "in-call": "In a meeting", joined: "In a meeting", reconnecting: "Reconnecting", leaving: "Leaving",
            fault: "Fault" }
        };
        const $ = id => document.getElementById(id);
        document.querySelectorAll("[data-text]").forEach(e => e.textContent = T[e.dataset.text]);
        const screen = $("screen");
        screen.alt = T.tv;

        const ICONS = {
          mute: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M4 4l16 16",
          "hang-up": "M3 15c0-2 4-5 9-5s9 3 9 5v2l-5-1v-3c-2-1-6-1-8 0v3l-5 1z",
          camera: "M3 7h11v10H3zM14 11l7-4v10l-7-4",
          hand: "M8 12V6m0 0a1.5 1.5 0 0 1 3 0v5V4.5a1.5 1.5 0 0 1 3 0V11V6a1.5 1.5 0 0 1 3 0v9c0 4-3 6-6 6s-4-2-6-6l-1-3c1-1 3-1 4 2",
          layout: "M3 4h18v16H3zM3 14h18M9 14v6M15 14v6"
        };
        const COLOURS = { white: "#f4f7ff", green: "#35c46f", blue: "#4aa3ff", red: "#ff3b30", yellow: "#ffc233",
          orange: "#ff8a1f" };
        const KEYS = { mute: "m", "hang-up": "r", camera: "c", hand: "h", layout: "a" };
        const keys = {}, caps = {};
        for (const name of JSON.parse($("names").textContent)) addButton(name);

        function addButton(name) {
          const number = (/^join-(\d+)$/.exec(name) || [])[1];
          const box = document.createElement("div"), button = document.createElement("button");
          box.className = "key " + (number ? "join" : name);
          const label = number ? T.join + " " + number : T[name] || name;
          button.type = "button";
          button.title = label + " – " + T.hint;
          button.setAttribute("aria-label", label);
          if (number || !ICONS[name]) button.textContent = number || name[0].toUpperCase();
          else {
            const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            const path = document.createElementNS(svg.namespaceURI, "path");
            svg.setAttribute("viewBox", "0 0 24 24");
            path.setAttribute("d", ICONS[name]);
            svg.append(path);
            button.append(svg);
          }
          const text = document.createElement("span");
          text.textContent = label;
          box.append(button, text);
          const key = number && number.length === 1 ? number : KEYS[name];
          if (key) {
            const cap = document.createElement("kbd");
            cap.textContent = key.toUpperCase();
            box.append(cap);
            keys[key] = name;
          }
          $("board").append(box);
          caps[name] = { box, button, text, since: 0 };
          button.addEventListener("pointerdown", e => { if (e.button === 0) down(name); });
          button.addEventListener("pointerup", () => up(name));
          button.addEventListener("pointerleave", () => cancel(name));
          button.addEventListener("contextmenu", e => e.preventDefault());
          button.addEventListener("keydown", e => {
            if ((e.key === "Enter" || e.key === " ") && !e.repeat) { e.preventDefault(); down(name); }
          });
          button.addEventListener("keyup", e => {
            if (e.key === "Enter" || e.key === " ") { e.preventDefault(); up(name); }
          });
          // Assistive technology clicks without pointer and without key.
          button.addEventListener("click", e => { if (e.detail === 0) press(name, "short"); });
        }
        function down(name) { const c = caps[name]; c.since = performance.now(); c.button.classList.add("down"); }
        function cancel(name) { const c = caps[name]; c.since = 0; c.button.classList.remove("down"); }
        function up(name) {
          const since = caps[name].since;
          cancel(name);
          if (since) press(name, performance.now() - since >= 1200 ? "long" : "short");
        }
        addEventListener("keydown", e => {
          const name = keys[e.key.toLowerCase()];
          if (name && !e.repeat && !e.ctrlKey && !e.metaKey && !e.altKey) down(name);
        });
        addEventListener("keyup", e => { const name = keys[e.key.toLowerCase()]; if (name) up(name); });
        async function press(name, kind) {
          try {
            const answer = await fetch("/api/v1/buttons/" + encodeURIComponent(name), {
              method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ press: kind })
            });
            $("note").textContent = answer.ok ? "" : T.failed;
          } catch { $("note").textContent = T.failed; }
        }

        function showStatus(s) {
          $("room").textContent = [s.device, s.room && (s.room.name || s.room.label)].filter(Boolean).join(" – ");
          $("phase").textContent = T.phases[s.state] || s.state || "";
          $("message").textContent = s.message || (s.faults || []).map(f => f.text).join(" ");
          const people = Array.isArray(s.people) ? s.people : [];
          $("count").textContent = s.participants ? "(" + s.participants + ")" : "";
          $("people").replaceChildren(...(people.length ? people.map(row) : [row({ name: T.alone })]));
          (s.meetings || []).forEach((label, index) => {
            const cap = caps["join-" + (index + 1)];
            if (cap) cap.text.textContent = label;
          });
        }
        function row(p) {
          const li = document.createElement("li"), name = document.createElement("span"),
            marks = document.createElement("span");
          name.textContent = p.name || "—";
          marks.className = "marks";
          marks.textContent = [p.moderator && T.moderator, p.hand && T.raised, p.audio_muted && T.muted,
            p.video_muted && T.dark].filter(Boolean).join(", ");
          li.className = p.dominant ? "speaking" : "";
          li.append(name, marks);
          return li;
        }
        function showLamps(lamps) {
          const show = (element, lamp) => {
            const { colour = "off", pattern = "steady" } = lamp || {};
            element.style.setProperty("--lamp", COLOURS[colour] || "transparent");
            element.dataset.lamp = colour === "off" ? "off" : pattern.replace(/-\d+$/, "");
          };
          for (const name in caps) show(caps[name].box, lamps[name]);
          show($("lamp"), lamps.status);
        }
        function connect() {
          const events = new EventSource("/api/v1/events");
          const live = up => { $("link").className = up ? "up" : ""; $("link").textContent = up ? T.up : T.down; };
          live(false);
          events.onopen = () => { live(true); watch(); };
          events.onerror = () => {
            live(false);
            if (events.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
          };
          events.addEventListener("status", e => showStatus(JSON.parse(e.data)));
          events.addEventListener("leds", e => showLamps(JSON.parse(e.data)));
        }
        let polling = 0;
        function watch() {
          clearTimeout(polling);
          screen.onload = null;
          screen.onerror = poll;
          screen.src = "/screen.mjpeg?" + Date.now();
        }
        function poll() {
          clearTimeout(polling);
          screen.onload = () => { polling = setTimeout(poll, 500); };
          screen.onerror = () => { polling = setTimeout(poll, 3000); };
          screen.src = "/screen.png?" + Date.now();
        }
        connect();
        </script>
        </body>
        </html>

        """#
}
