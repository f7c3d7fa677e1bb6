//! Templates.

use ecosystem::everywhere;
use goroutines::runtime::gosched;
use serde_json::json;

#[test]
fn handlebars() {
    let mut registry = handlebars::Handlebars::new();
    let text = "{{#each users}}{{name}}{{#if last}}.{{else}}, {{/if}}{{/each}}";
    registry.register_template_string("list", text).unwrap();
    everywhere(200, |i| {
        let data = json!({ "users": [{ "name": format!("n{i}") }, { "name": "b", "last": true }] });
        gosched();
        assert_eq!(registry.render("list", &data).unwrap(), format!("n{i}, b."));
        // The parser asks how much stack its thread has left.
        let own =
            registry.render_template("{{#if yes}}{{n}}{{/if}}", &json!({ "yes": true, "n": i }));
        assert_eq!(own.unwrap(), i.to_string());
    });
}

#[test]
fn minijinja() {
    let mut env = minijinja::Environment::new();
    let text =
        "{% for u in users %}{{ u.name|upper }}{% if not loop.last %}, {% endif %}{% endfor %}";
    env.add_template("list", text).unwrap();
    // As deep as a macro may call itself, by its own limit.
    let deep = "{% macro down(n) %}{% if n > 0 %}{{ down(n - 1) }}{% else %}end{% endif %}{% endmacro %}{{ down(40) }}";
    env.add_template("deep", deep).unwrap();
    everywhere(100, |i| {
        let user = |name: String| minijinja::context! { name => name };
        let users = vec![user(format!("n{i}")), user("b".to_owned())];
        let list = env.get_template("list").unwrap();
        gosched();
        let text = list.render(minijinja::context! { users => users }).unwrap();
        assert_eq!(text, format!("N{i}, B"));
        let deep = env.get_template("deep").unwrap().render(());
        assert_eq!(deep.unwrap(), "end");
    });
}
