extension PanelPage {
    static let script = base + buttons + state + pictures

    private static let base = #"""
        const data = JSON.parse(document.getElementById("data").textContent);
        const $ = id => document.getElementById(id);
        const say = key => data.texts[key] || "";
        const language = document.documentElement.lang;

        function element(name, className, text) {
          const made = document.createElement(name);
          if (className) made.className = className;
          if (text !== undefined) made.textContent = text;
          return made;
        }
        // A token is kept for this page alone, and goes with every request.
        let token = sessionStorage.getItem("token"), askedFor = null;
        async function ask(path, options = {}) {
          const headers = { ...options.headers };
          if (token) headers.Authorization = "Bearer " + token;
          for (;;) {
            const answer = await fetch(path, { ...options, headers });
            if (answer.status !== 401) return answer;
            await askForToken();
            headers.Authorization = "Bearer " + token;
          }
        }
        function askForToken() {
          if (askedFor) return askedFor;
          $("access-note").textContent = token ? say("tokenRefused") : "";
          $("access").hidden = false;
          $("token").value = "";
          $("token").focus();
          return askedFor = new Promise(done => $("access").addEventListener("submit", event => {
            event.preventDefault();
            token = $("token").value.trim();
            sessionStorage.setItem("token", token);
            $("access").hidden = true;
            askedFor = null;
            done();
          }, { once: true }));
        }
        async function learnRole() {
          const role = (await (await ask("/api/v1/access")).json()).role;
          for (const name in caps) caps[name].button.disabled = role !== "operator";
          show("note", role === "operator" ? "" : say("readOnly"));
        }
        // What is the same as before is not touched: nobody is read the same thing twice.
        function show(id, text) { if ($(id).textContent !== text) $(id).textContent = text; }


        """#

    private static let buttons = #"""
        const ICONS = {
          mute: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M8.5 21h7",
          "hang-up": "M3 15c0-2 4-5 9-5s9 3 9 5v2l-5-1v-3c-2-1-6-1-8 0v3l-5 1z",
          camera: "M3 7h11v10H3zM14 11l7-4v10l-7-4",
          hand: "M8 12V6a1.5 1.5 0 0 1 3 0v5V4.5a1.5 1.5 0 0 1 3 0V11V6a1.5 1.5 0 0 1 3 0v9c0 4-3 6-6 6s-4-2-6-6l-1-3"
            + "c1-1 3-1 4 2",
          layout: "M3 4h18v16H3zM3 14h18M9 14v6M15 14v6",
          "volume-up": "M4 9v6h4l5 4V5L8 9zM16 9h6M19 6v6",
          "volume-down": "M4 9v6h4l5 4V5L8 9zM16 9h6"
        };
        const KEYS = { mute: "m", "hang-up": "r", camera: "c", hand: "h", layout: "a",
          "volume-up": "+", "volume-down": "-" };
        const LONG = 1200;
        const keys = {}, caps = {};
        for (const name of data.buttons) addButton(name);

        function numbered(name) { return /^(join|preset)-(\d+)$/.exec(name) || []; }
        function labelOf(name) {
          const [, kind, number] = numbered(name);
          return caps[name] ? caps[name].text.textContent
            : number ? say("button." + kind) + " " + number : say("button." + name) || name;
        }
        function addButton(name) {
          const [, kind, number] = numbered(name);
          const box = element("div", "key " + (kind || name)), button = element("button");
          const text = element("span", "label", labelOf(name)), sub = element("span", "sub");
          button.type = "button";
          text.id = "label-" + name;
          sub.id = "sub-" + name;
          button.setAttribute("aria-labelledby", text.id);
          button.setAttribute("aria-describedby", sub.id);
          if (number || !ICONS[name]) button.textContent = number || name.slice(0, 1).toUpperCase();
          else {
            const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
            const path = document.createElementNS(svg.namespaceURI, "path");
            svg.setAttribute("viewBox", "0 0 24 24");
            svg.setAttribute("aria-hidden", "true");
            path.setAttribute("d", ICONS[name]);
            svg.append(path);
            button.append(svg);
          }
          box.append(button, text, sub);
          const key = kind === "preset" ? "" : number ? (number.length === 1 ? number : "") : KEYS[name];
          if (key) {
            box.append(element("kbd", "", key.toUpperCase()));
            box.lastChild.setAttribute("aria-hidden", "true");
            button.setAttribute("aria-keyshortcuts", key.toUpperCase());
            keys[key] = name;
          }
          $("board").append(box);
          caps[name] = { box, button, text, sub, since: 0 };
          button.addEventListener("pointerdown", event => { if (event.button === 0) down(name); });
          button.addEventListener("pointerup", () => up(name));
          for (const end of ["pointerleave", "pointercancel", "blur"]) button.addEventListener(end, () => cancel(name));
          button.addEventListener("contextmenu", event => event.preventDefault());
          button.addEventListener("keydown", event => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            if (!event.repeat) down(name);
          });
          button.addEventListener("keyup", event => {
            if (event.key !== "Enter" && event.key !== " ") return;
            event.preventDefault();
            up(name);
          });
          // Assistive technology clicks without pointer and without key.
          button.addEventListener("click", event => { if (event.detail === 0) press(name, "short"); });
        }
        function down(name) { if (caps[name].button.disabled) return; caps[name].since = performance.now(); caps[name].button.classList.add("down"); }
        function cancel(name) { caps[name].since = 0; caps[name].button.classList.remove("down"); }
        function up(name) {
          const since = caps[name].since;
          cancel(name);
          if (since) press(name, performance.now() - since >= LONG ? "long" : "short");
        }
        addEventListener("keydown", event => {
          if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
          const key = event.key.toLowerCase();
          if (keys[key]) down(keys[key]);
          else if (key === "f") fullScreen();
        });
        addEventListener("keyup", event => { const name = keys[event.key.toLowerCase()]; if (name) up(name); });
        addEventListener("blur", () => { for (const name in caps) cancel(name); });
        async function press(name, kind) {
          let isTaken = false;
          try {
            const answer = await ask("/api/v1/buttons/" + encodeURIComponent(name), {
              method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ press: kind })
            });
            isTaken = answer.ok;
          } catch { /* told below */ }
          show("note", isTaken ? "" : say("pressFailed"));
        }


        """#

    private static let state = #"""
        function showStatus(status) {
          const room = status.room && (status.room.name || status.room.label);
          show("device", status.device || "Visiosalle");
          show("room", room || "");
          document.title = [status.device, room].filter(Boolean).join(" – ") || "Visiosalle";
          show("phase", say("phase." + status.state) || status.state || "");
          const faults = (status.faults || []).map(fault => fault.text);
          show("message", status.message || faults.join(" "));
          $("message").classList.toggle("bad", faults.length > 0);
          showToggles(status);
          const people = Array.isArray(status.people) ? status.people : [];
          show("count", status.participants ? "(" + status.participants + ")" : "");
          const rows = people.length ? people.map(person) : [element("li", "none", say("nobody"))];
          const old = $("people").innerHTML, list = element("ul");
          list.append(...rows);
          if (list.innerHTML !== old) $("people").replaceChildren(...rows);
          const nameButtons = kind => (label, index) => {
            const cap = caps[kind + "-" + (index + 1)];
            if (cap && cap.text.textContent !== label) cap.text.textContent = label;
          };
          (status.meetings || []).forEach(nameButtons("join"));
          (status.presets || []).forEach(nameButtons("preset"));
          showDetails(status);
        }
        function showToggles(status) {
          const chips = [];
          const toggle = (name, isOn, on, off) => {
            const cap = caps[name];
            if (!cap || typeof isOn !== "boolean") return;
            const text = say(isOn ? on : off);
            cap.button.setAttribute("aria-pressed", String(isOn));
            if (cap.sub.textContent !== text) cap.sub.textContent = text;
            cap.sub.classList.toggle("on", isOn && status.busy === true && name !== "hand");
          };
          toggle("mute", status.microphone_muted, "muteOff", "muteOn");
          toggle("camera", typeof status.camera_on === "boolean" ? !status.camera_on : undefined, "filmOff", "filmOn");
          toggle("hand", status.hand_raised, "raised", "lowered");
          if (status.busy) {
            const chip = (isOn, text) => chips.push(element("li", isOn ? "on" : "", say(text)));
            chip(status.microphone_muted, status.microphone_muted ? "microphoneOff" : "microphoneOn");
            chip(!status.camera_on, status.camera_on ? "cameraOn" : "cameraOff");
            if (status.hand_raised) chip(false, "handRaised");
            if (status.recording) chip(true, "recording");
          }
          $("chips").replaceChildren(...chips);
        }
        function person(one) {
          const row = element("li", one.dominant ? "speaking" : "");
          const marks = [one.dominant && "speaking", one.moderator && "moderator", one.hand && "withHand",
            one.audio_muted && "muted", one.video_muted && "withoutCamera"];
          row.append(element("span", "who", one.name || say("somebody")),
            element("span", "marks", marks.filter(Boolean).map(say).join(", ")));
          return row;
        }
        function showDetails(status) {
          const rows = [], number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
          const add = (name, ...parts) => {
            const row = element("tr");
            row.append(element("th", "", name), element("td", "", parts.filter(Boolean).join(" · ")));
            row.firstChild.scope = "row";
            rows.push(row);
          };
          const unit = (value, text) => typeof value === "number" ? number.format(value) + " " + say(text) : "";
          const tv = status.display;
          if (tv) add(say("television"), tv.connected ? tv.name || tv.connector : say("noTelevision"),
            tv.connected && tv.width + " × " + tv.height);
          if (typeof status.volume === "number") add(say("volume"), number.format(status.volume) + " %");
          if (status.last_join_ms) add(say("joinTime"), unit(status.last_join_ms, "milliseconds"));
          for (const flow of status.media || []) {
            const kind = say(flow.kind === "audio" ? "sound" : "picture");
            add(say(flow.direction === "send" ? "sent" : "received") + ", " + kind,
              String(flow.codec || "").toUpperCase(), flow.width && flow.width + " × " + flow.height,
              flow.fps ? unit(flow.fps, "perSecond") : "", unit(flow.bitrate / 1000, "kilobits"),
              flow.loss ? say("loss") + " " + number.format(flow.loss * 100) + " %" : "");
          }
          const trip = (status.media || []).map(flow => flow.round_trip_ms).find(value => typeof value === "number");
          if (trip !== undefined) add(say("roundTrip"), unit(trip, "milliseconds"));
          add(say("frameRate"), unit(frameRate, "perSecond"));
          $("details").replaceChildren(...rows);
        }

        const COLOURS = { white: "#f4f7ff", green: "#35c46f", blue: "#4aa3ff", red: "#ff3b30", yellow: "#ffc233",
          orange: "#ff8a1f" };
        function showLamps(lamps) {
          const light = (target, lamp) => {
            const { colour = "off", pattern = "steady" } = lamp || {}, kind = pattern.replace(/^flashes-\d+$/, "flashes");
            target.style.setProperty("--lamp", COLOURS[colour] || "transparent");
            target.dataset.lamp = colour === "off" ? "off" : kind;
            return say("colour." + colour) + (colour === "off" ? "" : " " + say("pattern." + kind));
          };
          for (const name in caps) caps[name].button.title = labelOf(name) + " – " + light(caps[name].box, lamps[name]);
          show("lamp-text", light($("lamp"), lamps.status));
        }

        const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium", hourCycle: "h23" });
        function entry(one) {
          const row = element("li"), time = element("time", "", clock.format(one.at));
          const isButton = one.kind === "pressed" || one.kind === "held";
          const subject = isButton ? labelOf(one.subject) : one.subject || say("somebody");
          time.dateTime = new Date(one.at).toISOString();
          row.append(time, element("span", one.kind === "fault" ? "bad" : isButton ? "press" : "",
            say("entry." + one.kind).replace("{subject}", () => subject)));
          return row;
        }
        function showJournal(entries) { $("journal").replaceChildren(...entries.map(entry).reverse()); }
        function addEntry(one) {
          $("journal").prepend(entry(one));
          while ($("journal").childElementCount > 100) $("journal").lastChild.remove();
        }

        const TAKERS = { status: showStatus, leds: showLamps, journal: showJournal, entry: addEntry };
        function takeEvent(text) {
          let name = "", value = "";
          for (const line of text.split("\n")) {
            if (line.startsWith("event: ")) name = line.slice(7);
            if (line.startsWith("data: ")) value += line.slice(6);
          }
          if (TAKERS[name]) TAKERS[name](JSON.parse(value));
        }
        // An EventSource could not carry the token.
        async function connect() {
          const live = isUp => {
            $("link").classList.toggle("up", isUp);
            show("link", say(isUp ? "live" : "reconnecting"));
          };
          live(false);
          try {
            await learnRole();
            const answer = await ask("/api/v1/events");
            if (answer.ok) {
              live(true);
              watch();
              const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
              for (let text = "";;) {
                const { done, value } = await reader.read();
                if (done) break;
                text += value;
                for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) takeEvent(text.slice(0, end));
              }
            }
          } catch { /* tried again */ }
          live(false);
          setTimeout(connect, 2000);
        }


        """#

    private static let pictures = #"""
        // The moving picture: parts of a multipart stream, the newest of which is drawn.
        const surface = $("screen"), brush = surface.getContext("2d", { alpha: false });
        let watching = null, newest = null, isDrawing = false, drawn = 0, frameRate = 0;
        setInterval(() => { frameRate = drawn / 2; drawn = 0; }, 2000);

        function veil(text, isBrief) {
          $("veil").hidden = !text;
          $("veil").classList.toggle("brief", Boolean(isBrief));
          show("veil", text || "");
        }
        async function draw(bytes) {
          newest = bytes;
          if (isDrawing) return;
          isDrawing = true;
          while (newest) {
            const next = newest;
            newest = null;
            try {
              const picture = await createImageBitmap(new Blob([next], { type: "image/jpeg" }));
              if (surface.width !== picture.width || surface.height !== picture.height) {
                surface.width = picture.width;
                surface.height = picture.height;
              }
              brush.drawImage(picture, 0, 0);
              picture.close();
              drawn++;
            } catch { /* a picture that is none is passed over */ }
          }
          isDrawing = false;
        }
        async function readPictures(reader) {
          const decoder = new TextDecoder("latin1");
          let pending = new Uint8Array(0);
          for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            const joined = new Uint8Array(pending.length + value.length);
            joined.set(pending);
            joined.set(value, pending.length);
            pending = joined;
            for (;;) {
              const head = decoder.decode(pending.subarray(0, 512)), end = head.indexOf("\r\n\r\n");
              const length = end < 0 ? null : /content-length: *(\d+)/i.exec(head.slice(0, end));
              if (!length || pending.length < end + 4 + Number(length[1])) break;
              const start = end + 4, stop = start + Number(length[1]);
              draw(pending.slice(start, stop));
              pending = pending.slice(stop);
            }
            if (pending.length > 16 << 20) return;
          }
        }
        // Every place is taken: one picture a second, and another try after a while.
        async function watchStill(signal) {
          veil(say("still"), true);
          for (let count = 0; count < 20 && !signal.aborted; count++) {
            const answer = await ask("/screen.jpg", { signal });
            if (answer.ok) draw(new Uint8Array(await answer.arrayBuffer()));
            await new Promise(done => setTimeout(done, 1000));
          }
        }
        async function watch() {
          if (watching || document.hidden) return;
          const stop = watching = new AbortController();
          try {
            const answer = await ask("/screen.mjpeg", { signal: stop.signal });
            if (answer.ok) {
              veil("");
              await readPictures(answer.body.getReader());
            } else if ((await answer.json()).code === "too-many-clients") {
              await watchStill(stop.signal);
            } else {
              veil(say("dark"));
            }
          } catch { if (!stop.signal.aborted) veil(say("reconnecting")); }
          if (watching === stop) watching = null;
          if (!stop.signal.aborted) setTimeout(watch, 2000);
        }
        // A page that nobody sees costs nothing.
        document.addEventListener("visibilitychange", () => {
          if (!document.hidden) return watch();
          if (watching) watching.abort();
          watching = null;
        });
        addEventListener("pagehide", () => { if (watching) watching.abort(); watching = null; });
        addEventListener("pageshow", () => watch());

        function fullScreen() {
          if (document.fullscreenElement) document.exitFullscreen();
          else if ($("tv").requestFullscreen) $("tv").requestFullscreen();
        }
        $("full").hidden = !$("tv").requestFullscreen;
        $("full").addEventListener("click", fullScreen);
        surface.addEventListener("dblclick", fullScreen);
        connect();

        """#
}
