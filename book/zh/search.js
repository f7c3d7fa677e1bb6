// The search of the Chinese edition. mdBook's own cuts words at spaces, and Chinese has none, so this
// looks for each word of the query in the text of every section. It stands in front of the index,
// which holds the sections, and answers in the form that mdBook's page script expects.
(() => {
    "use strict";
    const AROUND = 60;
    const WEIGHTS = { title: 20, breadcrumbs: 5, body: 1 };

    const count = (text, word) => text.split(word).length - 1;

    // A piece of the body round the first word that is in it, each word set apart so that it is marked.
    function excerpt(body, words) {
        const small = body.toLowerCase();
        const places = words.map((w) => small.indexOf(w)).filter((at) => at >= 0);
        const from = Math.max(0, (places.length ? Math.min(...places) : 0) - AROUND);
        let piece = body.slice(from, from + 3 * AROUND);
        for (const word of words) {
            const pattern = new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
            piece = piece.replace(pattern, " $& ");
        }
        return (from > 0 ? "…" : "") + piece.trim() + (from + 3 * AROUND < body.length ? "…" : "");
    }

    function search(docs, query) {
        const words = query.toLowerCase().split(/\s+/).filter(Boolean);
        const found = [];
        for (const [ref, doc] of Object.entries(docs)) {
            let score = 0;
            const all = words.every((word) => {
                const before = score;
                for (const [field, weight] of Object.entries(WEIGHTS)) {
                    score += weight * Math.min(10, count(doc[field].toLowerCase(), word));
                }
                return score > before;
            });
            if (all && words.length > 0) {
                found.push({ ref, score, doc: { ...doc, body: excerpt(doc.body, words) } });
            }
        }
        return found.sort((a, b) => b.score - a.score);
    }

    elasticlunr.Index.load = (index) => ({ search: (query) => search(index.documentStore.docs, query) });
})();
