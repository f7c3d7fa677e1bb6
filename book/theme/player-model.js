// The scheduler player's model: turns a recording (Chrome trace JSON, as `goroutines::trace` writes
// it) into a list of events and tells the state of every P and goroutine after any of them.
//
// The recording: one thread per P; on it an `X` slice for each run of a goroutine (args.goid,
// args.state = why it stopped), flow arrows `s` -> `f` from where it was made runnable to where it
// runs, and instants (`i`) for what the scheduler did: steal, wakep, handoff, retake.
"use strict";

globalThis.schedulerModel = (() => {
    // Ends of a run after which the goroutine can run at once, and the words for being gone.
    const RUNNABLE = /^(runnable|preempted|preempt|gosched|yield)$/i;
    const GONE = /^(dead|exit|exited|finished|done)$/i;
    const SYSCALL = /syscall|system call|blocking|handed off/i;
    // At one moment: first what ends, then what the scheduler does, then what begins.
    const ORDER = { stop: 0, instant: 1, ready: 2, run: 3 };

    function build(trace) {
        const raw = Array.isArray(trace) ? trace : trace.traceEvents;
        const names = new Map();
        const goroutines = new Map();
        const runs = [];
        const starts = [];
        const ends = new Map();
        const events = [];
        for (const e of raw) {
            if (e.ph === "M" && e.name === "thread_name") names.set(e.tid, e.args.name);
            if (e.ph === "X" && e.args && e.args.goid !== undefined) {
                runs.push({ g: e.args.goid, p: e.tid, from: e.ts, to: e.ts + (e.dur || 0), name: e.name, args: e.args });
            }
            if (e.ph === "s") starts.push(e);
            if (e.ph === "f") ends.set(e.id, e);
            if (e.ph === "i" || e.ph === "I") {
                events.push({ t: e.ts, kind: "instant", p: e.tid, name: e.name, args: e.args || {}, g: (e.args || {}).goid });
            }
        }
        runs.sort((a, b) => a.from - b.from);
        const procs = [...new Set(runs.map((r) => r.p))].sort((a, b) => a - b);
        for (const run of runs) {
            if (!goroutines.has(run.g)) goroutines.set(run.g, { g: run.g, name: run.name, runs: [] });
            goroutines.get(run.g).runs.push(run);
            events.push({ t: run.from, kind: "run", p: run.p, g: run.g, run });
            events.push({ t: run.to, kind: "stop", p: run.p, g: run.g, run });
        }
        for (const s of starts) {
            const g = s.args && s.args.goid !== undefined ? s.args.goid : runAt(runs, ends.get(s.id));
            if (g !== undefined) events.push({ t: s.ts, kind: "ready", p: s.tid, g });
        }
        events.sort((a, b) => a.t - b.t || ORDER[a.kind] - ORDER[b.kind]);
        const begin = events.length ? events[0].t : 0;
        for (const e of events) e.t -= begin;
        for (const r of runs) {
            r.from -= begin;
            r.to -= begin;
        }
        const model = {
            procs: procs.map((id) => ({ id, name: names.get(id) || `P${id}` })),
            goroutines: [...goroutines.values()].sort((a, b) => a.g - b.g),
            runs,
            events,
            length: events.length ? events[events.length - 1].t : 0,
        };
        tell(model);
        return model;
    }

    // The goroutine whose run a flow arrow points at.
    function runAt(runs, end) {
        const at = end && runs.find((r) => r.p === end.tid && r.from <= end.ts && end.ts <= r.to);
        return at && at.g;
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
        if (e.kind === "ready" && proc && !(before && before.at === "run")) {
            leaveQueues(state, e.g);
            // It takes the place in front, `run_next`; who was there goes to the end of the queue.
            if (proc.next !== null) proc.queue.push(proc.next);
            proc.next = e.g;
            state.place.set(e.g, { at: "queue", p: e.p });
        } else if (e.kind === "run" && proc) {
            leaveQueues(state, e.g);
            proc.running = e.g;
            if (e.run.args.m !== undefined) proc.m = e.run.args.m;
            state.place.set(e.g, { at: "run", p: e.p });
        } else if (e.kind === "stop" && proc) {
            if (proc.running === e.g) proc.running = null;
            const why = String(e.run.args.state || "");
            if (GONE.test(why)) {
                state.place.set(e.g, { at: "gone" });
                state.gone += 1;
            } else if (RUNNABLE.test(why)) {
                state.global.push(e.g);
                state.place.set(e.g, { at: "global" });
            } else if (!before || before.at === "run") {
                state.place.set(e.g, { at: SYSCALL.test(why) ? "syscall" : "wait", why: why || "waiting" });
            }
        }
        if (e.kind === "instant" && e.name === "steal") steal(state, e);
        return before;
    }

    // Half of a queue changes its owner.
    function steal(state, e) {
        const [thief, victim] = [state.procs.get(e.p), state.procs.get(e.args.from)];
        if (!thief || !victim) return;
        for (const g of victim.queue.splice(0, e.args.n || 0)) {
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
        const on = (p) => name.get(p) || "the scheduler";
        for (const e of model.events) {
            const before = apply(state, e);
            e.story = say(e, before, on);
        }
    }

    function say(e, before, on) {
        const g = `G${e.g}`;
        switch (e.kind) {
            case "ready":
                if (!before) return `${on(e.p)} creates ${g} and puts it in its queue.`;
                return before.why
                    ? `${g}, which waited (${before.why}), is made runnable on ${on(e.p)}.`
                    : `${g} is made runnable on ${on(e.p)}.`;
            case "run":
                if (before && before.at === "queue" && before.p !== e.p) {
                    return `${on(e.p)} runs ${g}, taken from the queue of ${on(before.p)}.`;
                }
                if (before && before.at === "global") return `${on(e.p)} runs ${g}, from the global queue.`;
                return `${on(e.p)} runs ${g}.`;
            case "stop": {
                const why = String(e.run.args.state || "");
                if (GONE.test(why)) return `${g} has finished; ${on(e.p)} looks for the next one.`;
                if (RUNNABLE.test(why)) return `${g} gives way on ${on(e.p)}: to the global queue.`;
                return `${g} stops on ${on(e.p)}: ${why || "it waits"}.`;
            }
            default: {
                const args = Object.entries(e.args).map(([k, v]) => `${k} ${v}`);
                return `${on(e.p)}: ${e.name}${args.length ? ` (${args.join(", ")})` : ""}.`;
            }
        }
    }

    return { build, stateAt };
})();
