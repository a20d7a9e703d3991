//! What a model or a person writes is shown as text and never runs.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use xtask::browser::page::answer;
use xtask::http;

use crate::world::World;

/// Each would set `window.hacked` if any part of it ran.
const HOSTILE: &str = r#"<script>window.hacked=1;alert(1)</script>
</script><script>window.hacked=2</script>
<img src=x onerror="window.hacked=3"> <svg onload="window.hacked=4"><animate onbegin=alert(1) attributeName=x></svg>
[click me](javascript:window.hacked=5) [and me](data:text/html,<script>window.hacked=6</script>) <javascript:alert(1)>
[quoted](https://example.com/"onmouseover="window.hacked=7) [<img src=x onerror=alert(1)>](https://example.com/ok)
&lt;script&gt;window.hacked=8&lt;/script&gt; &#60;script&#62; javascript:alert(1)
||<iframe src="javascript:window.hacked=9"></iframe>|| **<b onclick=alert(1)>bold</b>** `<i onclick=alert(1)>`
> <style>*{display:none}</style><form action=javascript:alert(1)><button>go</button></form>
# <base href="https://evil.example/"><link rel=stylesheet href=//evil.example>
- <object data="javascript:alert(1)"></object>
```html
<script>window.hacked=10</script></code></pre><img src=x onerror=window.hacked=11>
```
<t:9999999999999:F> <t:-9999999999999:R> <@9999> <:x"onerror=alert(1):1> [x](<https://example.com/<img onerror=alert(1)>>)"#;

/// Whatever is in the document that a text of others may not have put there.
const FOUND: &str = r#"
const bad = [...document.querySelectorAll("iframe,object,embed,img,svg,style,form:not(#composer,.breaker),base,script:not([src='/page/main.js']),link:not([href^='/page/'],[rel=icon])")].map((element) => element.outerHTML.slice(0, 200));
for (const element of document.querySelectorAll("*")) {
  for (const { name, value } of element.attributes) {
    if (/^on/i.test(name) || (name !== "href" && /^\s*javascript:/i.test(value))) bad.push(`${element.tagName} ${name}=${value}`);
  }
}
for (const link of document.querySelectorAll("a")) {
  if (!/^https?:$/.test(link.protocol) || !link.rel.includes("noopener")) bad.push(`link ${link.href}`);
}
if (window.hacked !== undefined) bad.push(`hacked ${window.hacked}`);
return bad;
"#;

fn nothing_runs(world: &World) -> Result<()> {
    // Everything that can be opened, is: what is inside is made only then.
    world
        .browser
        .run("for (const fold of document.querySelectorAll('details')) fold.open = true", &[])?;
    world
        .browser
        .run("for (const spoiler of document.querySelectorAll('.spoiler')) spoiler.click()", &[])?;
    let found = world.browser.run(FOUND, &[])?;
    ensure!(found == json!([]), "{found}");
    ensure!(!world.browser.has_alert()?, "a dialogue is open");
    Ok(())
}

/// Posts as anybody can who has the webhook's address, past the Worker.
fn post(world: &World, content: &str) -> Result<()> {
    let url = world.secret("webhook_url")?;
    let body = json!({ "content": content, "username": "<b>Miyabi</b>", "allowed_mentions": { "parse": [] } });
    let reply = http::post(&url, &body)?;
    ensure!(reply.status < 300, "{}", reply.body);
    Ok(())
}

pub(crate) fn nothing_of_an_answer_runs(world: &World) -> Result<()> {
    world.script(&[answer(HOSTILE)])?;
    world.ask("Be evil.")?;
    world.wait_for_message("Miyabi", "click me")?;
    world.wait_for_status("COMPLETED")?;
    nothing_runs(world)?;
    // And once more without the Worker, which escapes some of it.
    post(world, HOSTILE)?;
    world.wait_for_message("<b>Miyabi</b>", "click me")?;
    world.wait_for_message("<b>Miyabi</b>", "</script><script>window.hacked=2</script>")?;
    nothing_runs(world)
}

pub(crate) fn nothing_of_a_question_runs(world: &World) -> Result<()> {
    let question = "<img src=x onerror=window.hacked=1> </script><script>window.hacked=2</script> [x](javascript:alert(1))";
    world.ask(question)?;
    world.wait_for_message("みお (@mio)", "onerror=window.hacked=1")?;
    world.wait_for_message("Miyabi", "scripted model")?;
    world.wait_for_status("COMPLETED")?;
    nothing_runs(world)
}

pub(crate) fn markdown_looks_as_in_discord(world: &World) -> Result<()> {
    let text = "# Head\n-# small\n**bold** *it* __under__ ~~gone~~ `code` ***both*** \\*plain\\* snake_case_name 2 * 3 * 4\n\
                > quoted **q**\n\
                - one\n  - inner\n- two\n3. three\n4. four\n\
                ```rust\nlet x = \"**no**\";\n```\n\
                ||hidden|| [site](https://example.com/a_(b)) <https://example.com/x> https://example.com/y.\n\
                <@1180000000000000501> <#1180000000000000302> <@&1> @everyone <t:0:D> </ask:1> <:miyabi:1180000000000000701>";
    post(world, text)?;
    let browser = &world.browser;
    world.wait_for_message("<b>Miyabi</b>", "bold")?;
    for (selector, words) in [
        ("[role=heading]", "Head"),
        (".subtext", "small"),
        ("strong", "bold"),
        ("em", "it"),
        ("u", "under"),
        ("s", "gone"),
        ("p .code", "code"),
        ("blockquote strong", "q"),
        ("ul > li > ul > li", "inner"),
        ("ol[start='3'] > li:last-child", "four"),
        ("pre[data-language=rust]", "let x = \"**no**\";"),
        ("a[href='https://example.com/a_(b)']", "site"),
        ("a[href='https://example.com/x']", "https://example.com/x"),
        ("a[href='https://example.com/y']", "https://example.com/y"),
        ("time", "1970"),
        (".emoji", ":miyabi:"),
    ] {
        let shown = browser.text(&format!("#log .said {selector}"))?;
        ensure!(
            shown.as_deref().is_some_and(|shown| shown.contains(words)),
            "{selector}: {shown:?}"
        );
    }
    let said = browser.text("#log .said")?.unwrap_or_default();
    for words in
        ["*plain* snake_case_name 2 * 3 * 4", "@みお", "#random", "@role", "@everyone", "/ask"]
    {
        ensure!(said.contains(words), "{words}: {said}");
    }
    let seen = "getComputedStyle(document.querySelector('.spoiler-text')).opacity";
    ensure!(world.value(seen)? == "0", "a spoiler is hidden");
    browser.click(".spoiler")?;
    ensure!(world.value(seen)? == "1", "until it is clicked");
    nothing_runs(world)
}

pub(crate) fn the_page_refuses_what_is_in_line(world: &World) -> Result<()> {
    let script = "
        const script = document.createElement('script');
        script.textContent = 'window.hacked = 1';
        document.body.append(script);
        const button = document.createElement('button');
        button.setAttribute('onclick', 'window.hacked = 2');
        document.body.append(button);
        button.click();
        script.remove();
        button.remove();
        return window.hacked ?? null";
    ensure!(world.browser.run(script, &[])? == Value::Null, "the policy lets it run");
    let away = "return fetch('http://127.0.0.1:1/').then(() => 'sent', (error) => error.name)";
    ensure!(world.browser.run(away, &[])? == "TypeError", "the policy lets it out");
    Ok(())
}
