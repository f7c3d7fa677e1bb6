// The error gallery's search: shows the lessons that hold all the words typed, as they are typed.
// Quotes and backquotes do not count, so a message may be pasted as the compiler printed it.
"use strict";

(() => {
    const field = document.querySelector("input.gallery-search");
    if (!field) {
        return;
    }
    document.documentElement.classList.add("has-gallery");
    const plain = text => text.toLowerCase().replace(/[`'"‘’“”]/g, "");
    const lessons = [...document.querySelectorAll("div.lesson")].map(element => ({
        element,
        text: plain(element.textContent),
    }));
    const count = document.querySelector(".gallery-count");
    const search = () => {
        const words = plain(field.value).split(/\s+/).filter(Boolean);
        let shown = 0;
        for (const { element, text } of lessons) {
            const hit = words.every(word => text.includes(word));
            element.hidden = !hit;
            shown += hit ? 1 : 0;
        }
        count.textContent = `${shown} / ${lessons.length}`;
    };
    field.addEventListener("input", search);
    // The page's own keys (search, next chapter) must not take what is typed here.
    field.addEventListener("keydown", event => event.stopPropagation());
    // A link to a lesson opens it.
    const open = () => {
        const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
        const details = target?.closest("div.lesson")?.querySelector("details");
        if (details) {
            details.open = true;
        }
    };
    window.addEventListener("hashchange", open);
    search();
    open();
})();
