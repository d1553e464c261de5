import Basis

/// The page of the panel: a document, a style sheet, a script and an icon, all of our own.
enum PanelPage {
    /// The page with the board's buttons, in the words of `language`.
    static func document(buttons: [String], language: PanelLanguage) -> String {
        var words: [String: String] = [:]
        for text in PanelText.allCases { words[text.rawValue] = text[language] }
        words["language"] = language.rawValue
        for each in PanelLanguage.allCases { words["current.\(each.rawValue)"] = each == language ? "page" : "false" }
        let texts = PanelText.allCases.map { JSONMember($0.rawValue, .string($0[language])) }
        words["data"] = inScript(["buttons": .array(buttons.map { .string($0) }), "texts": .object(texts)])
        return fill(template, with: words)
    }

    /// JSON that cannot end the element that holds it.
    private static func inScript(_ value: JSONValue) -> String {
        let parts = value.serialized().split(separator: "<", omittingEmptySubsequences: false)
        return parts.joined(separator: "\\u003c")
    }

    /// Puts words in the places of their names in double braces. The words of the catalogue need no escaping in HTML.
    private static func fill(_ template: String, with words: [String: String]) -> String {
        var output = ""
        var rest = template[...]
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            output += rest[..<start.lowerBound]
            output += words[String(rest[start.upperBound..<end.lowerBound])] ?? ""
            rest = rest[end.upperBound...]
        }
        return output + rest
    }

    private static let template = #"""
        <!DOCTYPE html>
        <html lang="{{language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
        <meta name="color-scheme" content="light dark">
        <meta name="theme-color" content="#1d4468">
        <title>{{title}}</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/panel.css">
        <script type="application/json" id="data">{{data}}</script>
        <script type="module" src="/panel.js"></script>
        </head>
        <body>
        <a class="skip" href="#board">{{skip}}</a>
        <header>
        <img class="sign" src="/icon.svg" alt="" width="40" height="40">
        <div class="name"><h1 id="device">Visiosalle</h1><p id="room"></p></div>
        <p id="link" class="link" role="status"></p>
        <nav aria-label="{{languages}}">
        <a href="/?lang=fr" hreflang="fr" lang="fr" title="Français" aria-current="{{current.fr}}">FR</a>
        <a href="/?lang=en" hreflang="en" lang="en" title="English" aria-current="{{current.en}}">EN</a>
        </nav>
        </header>
        <form id="access" class="access" hidden>
        <label for="token">{{tokenLabel}}</label>
        <input id="token" type="password" autocomplete="current-password" required>
        <button type="submit">{{tokenSend}}</button>
        <p id="access-note" role="alert"></p>
        </form>
        <main>
        <section class="front" aria-label="{{screen}}">
        <div class="tv" id="tv">
        <canvas id="screen" width="1280" height="720" role="img" aria-label="{{screen}}" aria-describedby="phase message">
        </canvas>
        <noscript><img class="plain" src="/screen.mjpeg" alt="{{screen}}"></noscript>
        <p id="veil" class="veil" hidden></p>
        </div>
        <div class="under">
        <p class="lamp"><span id="lamp" class="bulb"></span><span>{{lamp}} <span id="lamp-text"></span></span></p>
        <button type="button" id="full" class="full" title="{{screenFull}} (F)" aria-label="{{screenFull}}"
        aria-keyshortcuts="F"><svg viewBox="0 0 24 24" aria-hidden="true"><path
        d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/></svg></button>
        </div>
        <div class="board" id="board" role="group" aria-label="{{buttons}}" tabindex="-1"></div>
        <p id="note" class="note" role="alert"></p>
        <noscript><p class="note">{{needsScript}}</p></noscript>
        <p class="hint">{{hold}}</p>
        </section>
        <div class="side">
        <section class="card" aria-labelledby="state-title">
        <h2 id="state-title">{{state}}</h2>
        <p id="phase" class="phase" aria-live="polite"></p>
        <p id="message" class="message" aria-live="polite"></p>
        <ul id="chips" class="chips"></ul>
        </section>
        <section class="card" aria-labelledby="people-title">
        <h2 id="people-title">{{people}} <span id="count"></span></h2>
        <ul id="people" class="people"></ul>
        </section>
        <section class="card" aria-labelledby="journal-title">
        <h2 id="journal-title">{{journal}}</h2>
        <ol id="journal" class="journal" reversed role="log" aria-labelledby="journal-title" tabindex="0"></ol>
        </section>
        <details class="card">
        <summary>{{details}}</summary>
        <table id="details"></table>
        </details>
        </div>
        </main>
        <footer>{{about}}</footer>
        </body>
        </html>

        """#

    /// A screen with two people.
    static let icon = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#1d4468"/>
        <rect x="10" y="14" width="44" height="30" rx="4" fill="#0d131a" stroke="#7cbdf2" stroke-width="3"/>
        <circle cx="25" cy="26" r="5" fill="#7cbdf2"/><path d="M16 41c0-11 18-11 18 0z" fill="#7cbdf2"/>
        <circle cx="41" cy="28" r="4" fill="#f5f8fb"/><path d="M34 41c0-9 14-9 14 0z" fill="#f5f8fb"/>
        <path d="M24 53h16" stroke="#7cbdf2" stroke-width="4" stroke-linecap="round"/></svg>

        """#
}
