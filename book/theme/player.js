// The scheduler player: replays a recorded run. No library, no network; works from file://.
// A page holds <figure class="player" data-trace="NAME"> and loads traces/NAME.js, which sets
// globalThis.recordings.NAME; player-model.js tells what happened, this file shows it.
"use strict";

(() => {
    const SVG = "http://www.w3.org/2000/svg";
    const PACES = [
        ["one event a second", { every: 1000 }],
        ["three a second", { every: 333 }],
        ["ten a second", { every: 100 }],
        ["to scale, in 20 s", { whole: 20000 }],
        ["to scale, in 60 s", { whole: 60000 }],
    ];
    const LANE = 60;
    const ROW = 30;
    const R = 12;

    function html(tag, props = {}, ...children) {
        const el = Object.assign(document.createElement(tag), props);
        el.append(...children);
        return el;
    }

    function svg(tag, attributes = {}, text) {
        const el = document.createElementNS(SVG, tag);
        for (const [k, v] of Object.entries(attributes)) el.setAttribute(k, v);
        if (text !== undefined) el.textContent = text;
        return el;
    }

    const dark = () => /\b(coal|navy|ayu)\b/.test(document.documentElement.className);
    const hue = (g) => (g * 137.5) % 360;
    const stroke = (g) => `hsl(${hue(g)} 60% ${dark() ? 65 : 40}%)`;
    const fill = (g) => `hsl(${hue(g)} 60% ${dark() ? 25 : 85}%)`;
    const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

    function micros(t) {
        if (t >= 1000) return `${(t / 1000).toFixed(t >= 10000 ? 1 : 2)} ms`;
        return `${t.toFixed(t >= 100 ? 0 : 1)} µs`;
    }

    class Player {
        constructor(figure, model) {
            this.model = model;
            this.at = 0; // events applied so far
            this.follow = null;
            this.timer = null;
            this.circles = new Map();
            this.controls();
            this.say = html("p", { className: "pl-say" });
            this.say.setAttribute("aria-live", "polite");
            this.scene = html("div", { className: "pl-scene" });
            this.svg = svg("svg", { role: "img", "aria-label": "Ps, their queues, and goroutines" });
            this.fixed = svg("g");
            this.moving = svg("g");
            this.svg.append(this.fixed, this.moving);
            this.scene.append(this.svg);
            this.time = html("canvas", { className: "pl-time", tabIndex: 0 });
            this.time.setAttribute("aria-label", "time line: one lane for each P");
            figure.prepend(this.bar, this.say, this.scene, this.time);
            this.time.addEventListener("pointerdown", (e) => this.seekAt(e));
            this.time.addEventListener("pointermove", (e) => e.buttons && this.seekAt(e));
            figure.addEventListener("keydown", (e) => this.key(e));
            new ResizeObserver(() => this.draw()).observe(this.scene);
            new MutationObserver(() => this.draw()).observe(document.documentElement, {
                attributeFilter: ["class"],
            });
            this.draw();
        }

        controls() {
            const button = (text, title, act) => {
                const el = html("button", { type: "button", textContent: text, title, onclick: act });
                el.setAttribute("aria-label", title);
                return el;
            };
            this.playing = button("▶ play", "play or pause", () => this.toggle());
            this.pace = html("select", { onchange: () => this.timer !== null && this.play() });
            PACES.forEach(([name], i) => this.pace.append(html("option", { value: i, textContent: name })));
            this.pace.value = "1";
            this.who = html("select", {
                onchange: () => {
                    this.follow = this.who.value === "" ? null : Number(this.who.value);
                    this.draw();
                },
            });
            this.who.append(html("option", { value: "", textContent: "all goroutines" }));
            for (const { g } of this.model.goroutines) {
                this.who.append(html("option", { value: g, textContent: g === 1 ? "G1 (main)" : `G${g}` }));
            }
            this.bar = html(
                "div",
                { className: "pl-bar" },
                button("|◀", "to the start", () => this.go(0)),
                button("◀ step", "one event back", () => this.step(-1)),
                this.playing,
                button("step ▶", "one event on", () => this.step(1)),
                html("label", {}, "speed", this.pace),
                html("label", {}, "follow", this.who),
            );
        }

        key(e) {
            if (e.target.tagName === "SELECT" || e.ctrlKey || e.metaKey || e.altKey) return;
            const act = {
                ArrowRight: () => this.step(1),
                ArrowLeft: () => this.step(-1),
                Home: () => this.go(0),
                End: () => this.go(this.model.events.length),
                // On a button the space bar presses that button.
                " ": e.target.tagName === "BUTTON" ? undefined : () => this.toggle(),
            }[e.key];
            if (act) {
                e.preventDefault();
                // The page would turn itself.
                e.stopPropagation();
                act();
            }
        }

        get now() {
            return this.at === 0 ? 0 : this.model.events[this.at - 1].t;
        }

        go(at) {
            this.stop();
            this.at = Math.max(0, Math.min(this.model.events.length, at));
            this.draw();
        }

        // The next place to stop in a direction: the next event, or the next of the followed one.
        next(by) {
            const { events } = this.model;
            let at = this.at + by;
            const mine = (i) => this.follow === null || (events[i] && events[i].g === this.follow);
            while (at > 0 && at < events.length && !mine(at - 1)) at += by;
            return Math.max(0, Math.min(events.length, at));
        }

        step(by) {
            this.go(this.next(by));
        }

        toggle() {
            if (this.timer === null) this.play();
            else this.stop();
        }

        stop() {
            clearTimeout(this.timer);
            this.timer = null;
            this.scene.classList.remove("pl-fast");
            this.playing.textContent = "▶ play";
        }

        play() {
            this.stop();
            const { events, length } = this.model;
            if (this.at >= events.length) this.at = 0;
            this.playing.textContent = "⏸ pause";
            const pace = PACES[Number(this.pace.value)][1];
            this.scene.classList.toggle("pl-fast", (pace.every || 0) < 300);
            const began = performance.now();
            const from = this.now;
            const tick = () => {
                if (pace.every) {
                    this.at = this.next(1);
                } else {
                    const t = from + ((performance.now() - began) * length) / pace.whole;
                    while (this.at < events.length && events[this.at].t <= t) this.at += 1;
                }
                this.draw();
                if (this.at >= events.length) this.stop();
                else this.timer = setTimeout(tick, pace.every || 30);
            };
            this.timer = setTimeout(tick, pace.every ? 0 : 30);
        }

        seekAt(e) {
            const box = this.time.getBoundingClientRect();
            const { from, to } = this.window();
            const t = from + ((e.clientX - box.left - 34) / (box.width - 34)) * (to - from);
            const at = this.model.events.findIndex((event) => event.t > t);
            this.go(at < 0 ? this.model.events.length : at);
        }

        // The whole run if its slices can be seen, else a part of it round the present.
        window() {
            const { length, runs } = this.model;
            const width = Math.max(200, this.time.clientWidth - 34);
            const span = Math.min(length, (length * width) / Math.max(width, runs.length * 3)) || 1;
            const from = Math.max(0, Math.min(length - span, this.now - span / 2));
            return { from, to: from + span };
        }

        draw() {
            const state = globalThis.schedulerModel.stateAt(this.model, this.at);
            this.drawScene(state);
            this.drawTime();
            const event = this.model.events[this.at - 1];
            const words = event ? event.story : "Press play or the space bar, or step with the arrow keys; Home and End lead to the ends.";
            const when = html("b", { textContent: micros(this.now) });
            this.say.replaceChildren(when, ` · event ${this.at} of ${this.model.events.length} · ${words}`);
        }

        drawScene(state) {
            const width = Math.max(260, this.scene.clientWidth);
            const shown = new Map(); // goid -> [x, y]
            const fixed = [];
            const text = (x, y, words) => fixed.push(svg("text", { x, y }, words));
            let y = 0;
            for (const { id, name, alone } of this.model.procs) {
                const proc = state.procs.get(id);
                if (alone && proc.running === null) continue;
                const mid = y + LANE / 2;
                fixed.push(svg("rect", { x: 0, y: y + 2, width, height: LANE - 4, rx: 4, class: "pl-lane" }));
                if (!alone) fixed.push(svg("rect", { x: 8, y: mid - 17, width: 34, height: 34, class: "pl-p" }));
                text(alone ? 9 : 16, mid, name);
                const holds = proc.running !== null;
                if (proc.m !== null) {
                    fixed.push(svg("path", { d: `M64 ${mid - 18} l20 34 h-40 z`, class: "pl-m" }));
                    text(64 - 4 - 3 * String(proc.m).length, mid + 8, `M${proc.m}`);
                }
                if (holds) shown.set(proc.running, [104, mid]);
                else text(92, mid, "idle");
                y += LANE;
                if (alone) continue;
                fixed.push(svg("rect", { x: 130, y: mid - 15, width: 30, height: 30, rx: 3, class: "pl-next" }));
                fixed.push(svg("text", { x: 145, y: mid + 21, class: "pl-small" }, "run_next"));
                if (proc.next !== null) shown.set(proc.next, [145, mid]);
                text(168, mid, "queue");
                this.row(proc.queue, 212, mid, width, shown, text);
            }
            const groups = this.groups(state);
            for (const [label, members] of groups) {
                text(8, y + ROW / 2, label);
                this.row(members, 130, y + ROW / 2, width, shown, text);
                y += ROW;
            }
            text(8, y + ROW / 2, `finished: ${state.gone}`);
            y += ROW;
            this.height = Math.max(this.height || 0, y);
            this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
            this.svg.setAttribute("height", this.height);
            this.fixed.replaceChildren(...fixed);
            this.place(shown, state);
        }

        // Goroutines outside the Ps, by why they are there.
        groups(state) {
            const groups = new Map();
            if (state.global.length) groups.set("global queue", state.global);
            for (const [g, place] of state.place) {
                if (place.at !== "wait" && place.at !== "syscall") continue;
                if (!groups.has(place.why)) groups.set(place.why, []);
                groups.get(place.why).push(g);
            }
            return groups;
        }

        row(members, x, y, width, shown, text) {
            const room = Math.max(1, Math.floor((width - x - 30) / (2 * R + 4)));
            let order = members;
            if (this.follow !== null && members.indexOf(this.follow) >= room) {
                order = [this.follow, ...members.filter((g) => g !== this.follow)];
            }
            order.slice(0, room).forEach((g, i) => shown.set(g, [x + R + i * (2 * R + 4), y]));
            if (members.length > room) text(x + room * (2 * R + 4) + 2, y, `+${members.length - room}`);
        }

        // Moves every goroutine's circle to its place; the style sheet animates the way there.
        place(shown, state) {
            for (const [g, circle] of this.circles) {
                if (!shown.has(g)) {
                    circle.remove();
                    this.circles.delete(g);
                }
            }
            for (const [g, [x, y]] of shown) {
                let el = this.circles.get(g);
                if (!el) {
                    el = svg("g", { class: "pl-g" });
                    el.append(svg("circle", { r: R }), svg("text", {}, `${g}`));
                    this.moving.append(el);
                    this.circles.set(g, el);
                }
                el.style.transform = `translate(${x}px, ${y}px)`;
                const running = state.place.get(g).at === "run";
                el.firstChild.setAttribute("stroke", stroke(g));
                el.firstChild.setAttribute("fill", fill(g));
                el.firstChild.setAttribute("stroke-width", running ? 3.5 : 1.5);
                el.classList.toggle("pl-dim", this.follow !== null && this.follow !== g);
            }
        }

        drawTime() {
            const { procs, runs, events } = this.model;
            const width = Math.max(200, this.time.clientWidth);
            const lane = 22;
            const height = procs.length * lane + 20;
            const ratio = globalThis.devicePixelRatio || 1;
            this.time.width = width * ratio;
            this.time.height = height * ratio;
            this.time.style.height = `${height}px`;
            const c = this.time.getContext("2d");
            c.scale(ratio, ratio);
            c.font = "11px sans-serif";
            c.textBaseline = "middle";
            const { from, to } = this.window();
            const x = (t) => 34 + ((t - from) / (to - from)) * (width - 34);
            procs.forEach((p, i) => {
                c.fillStyle = css("--pic-box-fill");
                c.fillRect(34, i * lane + 2, width - 34, lane - 4);
                c.fillStyle = css("--fg");
                c.fillText(p.name, 4, i * lane + lane / 2);
            });
            c.save();
            c.beginPath();
            c.rect(34, 0, width - 34, height);
            c.clip();
            for (const run of runs) {
                if (run.to < from || run.from > to) continue;
                const row = procs.findIndex((p) => p.id === run.p);
                const wide = Math.max(1, x(run.to) - x(run.from) - 0.5);
                c.globalAlpha = this.follow !== null && this.follow !== run.g ? 0.2 : 1;
                c.fillStyle = stroke(run.g);
                c.fillRect(x(run.from), row * lane + 3, wide, lane - 6);
                if (wide > 20) {
                    c.fillStyle = dark() ? "#000" : "#fff";
                    c.fillText(`${run.g}`, x(run.from) + 3, row * lane + lane / 2);
                }
            }
            c.globalAlpha = 1;
            c.fillStyle = css("--pic-warn");
            for (const e of events) {
                const row = procs.findIndex((p) => p.id === e.p);
                if (e.kind === "instant" && row >= 0 && e.t >= from && e.t <= to) {
                    c.fillRect(x(e.t) - 1, row * lane, 2, 5);
                }
            }
            c.strokeStyle = css("--pic-run");
            c.lineWidth = 2;
            c.beginPath();
            c.moveTo(x(this.now), 0);
            c.lineTo(x(this.now), height - 16);
            c.stroke();
            c.restore();
            c.fillStyle = css("--fg");
            c.fillText(micros(from), 34, height - 8);
            const end = micros(to);
            c.fillText(end, width - c.measureText(end).width - 2, height - 8);
        }
    }

    // Shows another recording: that of a program which the reader has just run.
    globalThis.playSchedule = (figure, recording) => {
        new Player(figure, globalThis.schedulerModel.build(recording));
    };

    for (const figure of document.querySelectorAll("figure.player")) {
        const recording = (globalThis.recordings || {})[figure.dataset.trace];
        if (recording) new Player(figure, globalThis.schedulerModel.build(recording));
    }
})();
