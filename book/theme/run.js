// Run and edit the programs of the book on the reader's own machine. Loaded only while the book is
// served (`cargo run -p book -- serve`), which compiles and runs what is sent here.
"use strict";

(() => {
    const chinese = document.documentElement.lang.startsWith("zh");
    const WORDS = chinese
        ? { run: "运行", edit: "编辑", reset: "还原", wait: "正在编译、运行……", late: "十秒之后被停下", code: "退出码", none: "没有输出",
            gone: "服务器没有回答", signal: "被信号结束",
            unrecorded: "没有录像：程序被停下或提前退出，main 不是 goroutine，或者事件太多" }
        : { run: "Run", edit: "Edit", reset: "Reset", wait: "compiling and running ..", late: "stopped after ten seconds", code: "exit code", none: "it says nothing",
            gone: "the server does not answer", signal: "ended by a signal",
            unrecorded: "no recording: the program was stopped or left early, main is no goroutine, or too much happened" };

    function button(text, act) {
        const el = document.createElement("button");
        Object.assign(el, { type: "button", textContent: text, onclick: act, className: "run-button" });
        return el;
    }

    class Program {
        constructor(figure, code) {
            this.code = code;
            this.original = code.textContent;
            this.editor = null;
            this.figure = figure;
            this.out = document.createElement("div");
            this.out.className = "run-out";
            this.out.setAttribute("aria-live", "polite");
            this.editing = button(WORDS.edit, () => this.edit());
            this.running = button(WORDS.run, () => this.run());
            figure.querySelector("figcaption").append(this.running, this.editing);
            figure.append(this.out);
        }

        edit() {
            if (this.editor) {
                this.editor.remove();
                this.editor = null;
                this.code.parentElement.hidden = false;
                this.editing.textContent = WORDS.edit;
                return;
            }
            this.editor = document.createElement("textarea");
            Object.assign(this.editor, { value: this.original, spellcheck: false, className: "run-editor" });
            this.editor.rows = this.original.split("\n").length + 1;
            // The page's own keys must not take what is typed here; Ctrl and Enter run the program.
            this.editor.addEventListener("keydown", (e) => {
                e.stopPropagation();
                if (e.key === "Enter" && e.ctrlKey) this.run();
            });
            this.code.parentElement.hidden = true;
            this.code.parentElement.after(this.editor);
            this.editing.textContent = WORDS.reset;
            this.editor.focus();
        }

        // One run at a time: the next one is asked for when this one is over.
        async run() {
            if (this.running.disabled) return;
            this.running.disabled = true;
            this.out.replaceChildren(this.text(WORDS.wait));
            try {
                await this.ask();
            } catch (error) {
                this.out.replaceChildren(this.text(`${WORDS.gone} (${error.message})`));
            }
            this.running.disabled = false;
        }

        async ask() {
            const answer = await fetch("/run", {
                method: "POST",
                headers: { "x-token": globalThis.runner.token },
                body: this.editor ? this.editor.value : this.original,
            });
            if (!answer.ok) {
                this.out.replaceChildren(this.text(await answer.text()));
                return;
            }
            const said = await answer.json();
            this.out.replaceChildren(this.text(said.text || WORDS.none));
            if (said.late) this.out.append(this.text(WORDS.late));
            else if (said.code) this.out.append(this.text(`${WORDS.code} ${said.code}`));
            else if (said.compiled && said.code === null) this.out.append(this.text(WORDS.signal));
            if (said.trace && said.trace.traceEvents && globalThis.playSchedule) {
                const figure = document.createElement("figure");
                figure.className = "player";
                this.out.append(figure);
                globalThis.playSchedule(figure, said.trace);
            } else if (said.compiled) {
                this.out.append(this.text(WORDS.unrecorded));
            }
        }

        text(words) {
            const pre = document.createElement("pre");
            pre.textContent = words;
            return pre;
        }
    }

    for (const figure of document.querySelectorAll("figure.listing.lang-rust")) {
        const code = figure.querySelector("pre > code");
        if (code && !code.classList.contains("does_not_compile") && /\bfn main\(\)/.test(code.textContent)) {
            new Program(figure, code);
        }
    }
})();
