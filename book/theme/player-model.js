// The scheduler player's model: turns a recording (Chrome trace JSON, as `goroutines::trace` writes
// it) into a list of events and tells the state of every P and goroutine after any of them.
//
// The recording: a track (`tid`) for each P, and from 10,000 on for each thread that runs without
// one; on it an `X` slice for each run of a goroutine (args: goid, m = its thread, then = why it
// stopped); instants (`i`): go and ready (args.goid), steal (args.from), wakep, handoff, retake. The
// arrows `s` -> `f` repeat what go and ready say, for Perfetto.
"use strict";

globalThis.schedulerModel = (() => {
    // Ends of a run after which the goroutine can run at once, and the words for being gone.
    const RUNNABLE = "gives way";
    const GONE = "end";
    // The recording ended before the run did.
    const CUT = "still runs";
    // Tracks of threads without a P begin here.
    const THREADS = 10000;
    // At one moment: first what ends, then what the scheduler does, then what begins.
    const ORDER = { stop: 0, instant: 1, ready: 2, run: 3 };

    function build(trace) {
        const goroutines = new Map();
        const runs = [];
        const events = [];
        for (const e of trace.traceEvents) {
            const args = e.args || {};
            if (e.ph === "X" && e.pid === 1) {
                const run = { g: args.goid, p: e.tid, m: args.m, from: e.ts, to: e.ts + e.dur, why: args.then };
                runs.push(run);
                if (!goroutines.has(run.g)) goroutines.set(run.g, { g: run.g });
                events.push({ t: run.from, kind: "run", p: run.p, g: run.g, run });
                events.push({ t: run.to, kind: "stop", p: run.p, g: run.g, run });
            } else if (e.ph === "i" && (e.name === "go" || e.name === "ready")) {
                events.push({ t: e.ts, kind: "ready", p: e.tid, g: args.goid, name: e.name, by: args.by });
            } else if (e.ph === "i") {
                events.push({ t: e.ts, kind: "instant", p: e.tid, name: e.name, args, g: args.goid || undefined });
            }
        }
        causesFirst(events);
        events.sort((a, b) => a.t - b.t || ORDER[a.kind] - ORDER[b.kind]);
        const begin = events.length ? events[0].t : 0;
        for (const e of events) e.t -= begin;
        for (const r of runs) {
            r.from -= begin;
            r.to -= begin;
        }
        const tracks = [...new Set(runs.map((r) => r.p))].sort((a, b) => a - b);
        const model = {
            procs: tracks.map((id) => ({ id, alone: id >= THREADS, name: id < THREADS ? `P${id}` : "no P" })),
            goroutines: [...goroutines.values()].sort((a, b) => a.g - b.g),
            runs,
            events,
            length: events.length ? events[events.length - 1].t : 0,
        };
        tell(model);
        return model;
    }

    // Whoever takes a P writes it down a moment after the run has ended: it is told as the cause that it is.
    function causesFirst(events) {
        for (const stop of events) {
            if (stop.kind !== "stop" || stop.run.why !== "P taken") continue;
            // It runs on without the P from this very moment, but for a rounding.
            const on = events.find((e) => e.kind === "run" && e.g === stop.g && Math.abs(e.t - stop.t) < 0.01);
            if (on) stop.t = on.t;
        }
        for (const mark of events) {
            if (mark.name !== "handoff" && mark.name !== "retake") continue;
            const ended = (e) => e.kind === "stop" && e.g === mark.g && e.run.why === "P taken" && e.t <= mark.t;
            const stop = events.filter(ended).pop();
            if (stop) mark.t = stop.t - 0.001;
        }
    }

    function fresh(model) {
        return {
            procs: new Map(model.procs.map((p) => [p.id, { running: null, next: null, queue: [], m: null }])),
            global: [],
            // goid -> { at: "none" | "queue" | "global" | "run" | "wait" | "syscall" | "gone", p, why }
            place: new Map(),
            gone: 0,
        };
    }

    function leaveQueues(state, g) {
        for (const p of state.procs.values()) {
            if (p.next === g) p.next = null;
            p.queue = p.queue.filter((x) => x !== g);
        }
        state.global = state.global.filter((x) => x !== g);
    }

    function apply(state, e) {
        const proc = state.procs.get(e.p);
        const before = state.place.get(e.g);
        if (e.kind === "ready" && !(before && before.at === "run")) {
            leaveQueues(state, e.g);
            if (proc && e.p < THREADS) {
                // It takes the place in front, `run_next`; who was there goes to the queue's end.
                if (proc.next !== null) proc.queue.push(proc.next);
                proc.next = e.g;
                state.place.set(e.g, { at: "queue", p: e.p });
            } else {
                state.global.push(e.g);
                state.place.set(e.g, { at: "global" });
            }
        } else if (e.kind === "run" && proc) {
            leaveQueues(state, e.g);
            proc.running = e.g;
            proc.m = e.run.m;
            state.place.set(e.g, { at: "run", p: e.p });
        } else if (e.kind === "stop" && proc) {
            stop(state, proc, e, before);
        } else if (e.kind === "instant" && e.name === "steal") {
            steal(state, e);
        } else if (proc && (e.name === "handoff" || e.name === "retake")) {
            proc.m = null;
        }
        return before;
    }

    function stop(state, proc, e, before) {
        const why = e.run.why;
        if (why === CUT) return;
        if (proc.running === e.g) proc.running = null;
        if (why === GONE) {
            state.place.set(e.g, { at: "gone" });
            state.gone += 1;
        } else if (!before || before.at !== "run" || before.p !== e.p) {
            // It is somewhere else already: its P was taken, or it was made runnable meanwhile.
        } else if (why === RUNNABLE) {
            state.global.push(e.g);
            state.place.set(e.g, { at: "global" });
        } else {
            state.place.set(e.g, { at: "wait", why });
        }
    }

    // Half of a queue changes its owner, or the goroutine in `run_next` does.
    function steal(state, e) {
        const [thief, victim] = [state.procs.get(e.p), state.procs.get(e.args.from)];
        if (!thief || !victim || victim.next === e.g) return;
        for (const g of victim.queue.splice(0, Math.ceil(victim.queue.length / 2))) {
            thief.queue.push(g);
            state.place.set(g, { at: "queue", p: e.p });
        }
    }

    // The state after the first `count` events.
    function stateAt(model, count) {
        const state = fresh(model);
        for (let i = 0; i < count; i++) apply(state, model.events[i]);
        return state;
    }

    // Writes the sentence of every event, by playing the recording once.
    function tell(model) {
        const state = fresh(model);
        const name = new Map(model.procs.map((p) => [p.id, p.name]));
        const on = (p) => (p < THREADS ? name.get(p) : undefined) || "a thread without a P";
        for (const e of model.events) {
            const before = apply(state, e);
            e.story = say(e, before, on);
        }
    }

    function say(e, before, on) {
        const g = `G${e.g}`;
        const capital = (text) => text[0].toUpperCase() + text.slice(1);
        if (e.kind === "ready") {
            const by = e.by ? `G${e.by}` : "The scheduler";
            if (e.name === "go" && !e.by) return `The runtime makes ${g}, which is to run main.`;
            if (e.name === "go") return `${by} makes ${g}, on ${on(e.p)}.`;
            const waited = before && before.why ? `, which waited (${before.why})` : "";
            return `${by} makes ${g} runnable${waited}.`;
        }
        if (e.kind === "run") {
            const from =
                before && before.at === "global"
                    ? ", from the global queue"
                    : before && before.at === "queue" && before.p !== e.p
                      ? `, taken from ${on(before.p)}`
                      : "";
            return e.p < THREADS ? `${on(e.p)} runs ${g}${from}.` : `${g} runs on without a P, on M${e.run.m}.`;
        }
        if (e.kind === "stop") {
            const why = e.run.why;
            if (why === GONE) return `${g} has ended; ${on(e.p)} looks for the next one.`;
            if (why === RUNNABLE) return `${g} gives way on ${on(e.p)}, or is paused, and goes to the end of the global queue.`;
            if (why === CUT) return `${g} still runs on ${on(e.p)} when the recording ends.`;
            if (why === "P taken") return `${g} loses ${on(e.p)}.`;
            return `${g} waits: ${why}.`;
        }
        switch (e.name) {
            case "steal":
                return `${on(e.p)} steals from P${e.args.from}, ${g} first.`;
            case "wakep":
                return `${capital(on(e.p))} wakes a thread to look for work.`;
            case "handoff":
                return `${on(e.p)} is taken from the thread of ${g}, which blocks, and handed to another.`;
            case "retake":
                return `${on(e.p)} is taken from the thread of ${g}, which has kept it for a time slice.`;
            default:
                return `${capital(on(e.p))}: ${e.name}.`;
        }
    }

    return { build, stateAt };
})();
