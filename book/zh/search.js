// The search of the Chinese edition. mdBook's own cuts words at spaces, and Chinese has none, so this
// looks for each word of the query in the text of every section. It stands in front of the index,
// which holds the sections, and answers in the form that mdBook's page script expects.
(() => {
    "use strict";
    const AROUND = 60;
    const WEIGHTS = { title: 20, breadcrumbs: 5, body: 1 };
    const CHINESE = /\p{Script=Han}+/gu;

    const count = (text, word) => text.split(word).length - 1;

    // The words of a query: what spaces part, and Chinese apart from the rest.
    const words = (query) => query.toLowerCase().replace(CHINESE, " $& ").split(/\s+/).filter(Boolean);

    // Each word, a Chinese one in pieces of two characters that overlap.
    function pieces(query) {
        return words(query).flatMap((word) => {
            const characters = [...word];
            if (characters.length < 3 || !/^\p{Script=Han}/u.test(word)) return [word];
            return characters.slice(1).map((c, i) => characters[i] + c);
        });
    }

    // A piece of the body round the first of `all` that is in it, each set apart so that it is marked.
    function excerpt(body, all) {
        const small = body.toLowerCase();
        const places = all.map((w) => small.indexOf(w)).filter((at) => at >= 0);
        const from = Math.max(0, (places.length ? Math.min(...places) : 0) - AROUND);
        let piece = body.slice(from, from + 3 * AROUND);
        for (const word of all) {
            const pattern = new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
            piece = piece.replace(pattern, " $& ");
        }
        return (from > 0 ? "…" : "") + piece.trim() + (from + 3 * AROUND < body.length ? "…" : "");
    }

    // The sections that have at least `least` of `all`, those first in which they count most.
    function sections(docs, all, least) {
        const found = [];
        for (const [ref, doc] of Object.entries(docs)) {
            const scores = all.map((word) =>
                Object.entries(WEIGHTS).reduce(
                    (sum, [field, weight]) => sum + weight * Math.min(10, count(doc[field].toLowerCase(), word)),
                    0,
                ),
            );
            if (all.length > 0 && scores.filter((s) => s > 0).length >= least) {
                const score = scores.reduce((a, b) => a + b, 0);
                found.push({ ref, score, doc: { ...doc, body: excerpt(doc.body, all) } });
            }
        }
        return found.sort((a, b) => b.score - a.score);
    }

    function search(docs, query) {
        const all = words(query);
        const found = sections(docs, all, all.length);
        if (found.length > 0) return found;
        const parts = pieces(query);
        return sections(docs, parts, Math.max(2, Math.ceil(parts.length / 2)));
    }

    elasticlunr.Index.load = (index) => ({ search: (query) => search(index.documentStore.docs, query) });
})();
