//! Escaped answers show what was meant, in a small model of how Discord renders.

use super::escape_kaomoji;

/// Renders like Discord's client, with formatting as tags: `<b>`, `<i>`, `<u>`, `<s>`, `<hide>`,
/// `<code>`, `<pre>`.
///
/// Written from the client's published rules, without looking at the code under test.
fn visible(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    render(&chars)
}

fn render(chars: &[char]) -> String {
    let mut out = String::new();
    let mut i = 0;
    while i < chars.len() {
        let rest = &chars[i..];
        let (shown, used) = fence(rest)
            .or_else(|| escape(rest))
            .or_else(|| url(rest))
            .or_else(|| wrapped(rest, "**", "b"))
            .or_else(|| wrapped(rest, "__", "u"))
            .or_else(|| emphasis(rest))
            .or_else(|| wrapped(rest, "~~", "s"))
            .or_else(|| code(rest))
            .or_else(|| wrapped(rest, "||", "hide"))
            .unwrap_or_else(|| (rest[0].to_string(), 1));
        out += &shown;
        i += used;
    }
    out
}

fn begins(chars: &[char], with: &str) -> bool {
    let with: Vec<char> = with.chars().collect();
    chars.starts_with(&with)
}

fn text(chars: &[char]) -> String {
    chars.iter().collect()
}

/// ```` ^```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][^]*?)\n*``` ````
fn fence(rest: &[char]) -> Option<(String, usize)> {
    if !begins(rest, "```") {
        return None;
    }
    let end = (4..rest.len()).find(|end| begins(&rest[*end..], "```"))?;
    Some((format!("<pre>{}</pre>", text(&rest[3..end])), end + 3))
}

/// `^\\([^0-9A-Za-z\s])`
fn escape(rest: &[char]) -> Option<(String, usize)> {
    let escaped = *rest.get(1)?;
    let is_escape = rest[0] == '\\' && !escaped.is_ascii_alphanumeric() && !escaped.is_whitespace();
    is_escape.then(|| (escaped.to_string(), 2))
}

fn url(rest: &[char]) -> Option<(String, usize)> {
    if !begins(rest, "https://") {
        return None;
    }
    let end = rest.iter().position(|c| c.is_whitespace() || *c == '<').unwrap_or(rest.len());
    Some((text(&rest[..end]), end))
}

/// `^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)` and its siblings.
fn wrapped(rest: &[char], mark: &str, tag: &str) -> Option<(String, usize)> {
    if !begins(rest, mark) {
        return None;
    }
    let mut end = 2;
    loop {
        end += if rest.get(end) == Some(&'\\') { 2 } else { 1 };
        let after = rest.get(end..)?;
        if begins(after, mark) && !(mark != "||" && after.get(2) == mark.chars().next().as_ref()) {
            return Some((format!("<{tag}>{}</{tag}>", render(&rest[2..end])), end + 2));
        }
        if after.is_empty() {
            return None;
        }
    }
}

/// `^\b_((?:__|\\[\s\S]|[^\\_])+?)_\b` or `^\*(?=\S)((?:\*\*|\\[\s\S]|…|[^\s\*\\])+?)\*(?!\*)`
fn emphasis(rest: &[char]) -> Option<(String, usize)> {
    let mark = *rest.first().filter(|c| matches!(c, '*' | '_'))?;
    let is_opener = mark == '_' || rest.get(1).is_some_and(|c| !c.is_whitespace());
    let mut end = 1;
    while is_opener && end < rest.len() {
        if rest[end] != mark {
            end += if rest[end] == '\\' { 2 } else { 1 };
            continue;
        }
        let next = rest.get(end + 1);
        let is_word = next.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_');
        let is_closer = end > 1
            && match mark {
                '_' => !is_word,
                _ => next != Some(&'*') && !rest[end - 1].is_whitespace(),
            };
        if is_closer {
            return Some((format!("<i>{}</i>", render(&rest[1..end])), end + 1));
        }
        if next != Some(&mark) {
            return None;
        }
        end += 2;
    }
    None
}

/// ``^(`+)([\s\S]*?[^`])\1(?!`)``
fn code(rest: &[char]) -> Option<(String, usize)> {
    let run = rest.iter().take_while(|c| **c == '`').count();
    for ticks in (1..=run).rev() {
        let is_close = |end: &usize| {
            rest[end - 1] != '`'
                && rest[*end..].iter().take(ticks).filter(|c| **c == '`').count() == ticks
                && rest.get(end + ticks) != Some(&'`')
        };
        if let Some(end) = (ticks + 1..rest.len()).find(is_close) {
            return Some((format!("<code>{}</code>", text(&rest[ticks..end])), end + ticks));
        }
    }
    None
}

/// Escapes, checks that doing so again changes nothing, and compares what is shown.
fn check(text: &str, meant: &str) {
    let escaped = escape_kaomoji(text);
    assert_eq!(visible(&escaped), meant, "{text:?} became {escaped:?}");
    assert_eq!(escape_kaomoji(&escaped), escaped, "twice: {text:?}");
}

/// Three spaces or a line end between two.
const KAOMOJI: &str = r"¯\_(ツ)_/¯   ¯\_(⊙_ʖ⊙)_/¯   ¯\(°_o)/¯   ¯\_ツ_/¯   (¯\_(ツ)_/¯)   (¯\_ツ_/¯)   (¯_¯)
(*´ω`*)   （*´ω｀*）   (｀・ω・´)   (´･ω･`)   (´・ω・`)   ヽ(´▽`)/   (o`∀´o)   (`・ω・´)ゞ
(`・ω・`)   ＼(^o^)／   (≧∇≦)/   orz   (._.)   m(_ _)m   m(__)m   (>_<)   (-_-)zzz
(¬_¬)   (^_^;)   \(^o^)/   \(^_^)/   /(^o^)\   ┐(￣ヘ￣)┌   (*^▽^*)   (*^_^*)   (*^^*)
(*^3^*)   ~(˘▾˘~)   (T_T)   (T▽T)   (ToT)/~~~   (||゜Д゜)   (||゜Д゜||)   (|||_|||)
(*_*)   (* *)   (**)   (*o*)   (*ω*)   (o_O)   (;_;)   (；_；)   (/_;)   (/ω\)
(/_\)   (*ﾟ∀ﾟ*)   Σ(ﾟДﾟ;)   (*・o・*)   (つд`)   (｡>﹏<｡)   (╯°□°)╯︵ ┻━┻
┬─┬ノ( º _ ºノ)   ( ͡° ͜ʖ ͡°)   ಠ_ಠ   (ಠ_ಠ)   ^_^   T_T   >_<   -_-   o_O   ;__;
._.   _(:3」∠)_   _(._.)_   (๑•̀ㅂ•́)و✧   (ﾉ◕ヮ◕)ﾉ*:･ﾟ✧   (*≧∀≦(≧∀≦*)
(((o(*ﾟ▽ﾟ*)o)))   (^_-)-☆   (´-`).｡oO   ('_')   (・_・)   (｡•_•｡)   (*-_-*)   (-_-メ)";

fn kaomoji() -> Vec<&'static str> {
    KAOMOJI.lines().flat_map(|line| line.split("   ")).collect()
}

#[test]
fn shows_a_kaomoji_as_it_is() {
    assert!(kaomoji().len() > 70);
    for face in kaomoji() {
        check(face, face);
    }
}

#[test]
fn shows_several_kaomoji_on_a_line() {
    for face in kaomoji() {
        let line = format!("はい {face} そして {face} です。{face}\n{face}");
        check(&line, &line);
    }
    for pair in kaomoji().windows(2) {
        let line = format!("{} {}", pair[0], pair[1]);
        check(&line, &line);
    }
}

#[test]
fn shows_kaomoji_inside_and_beside_markdown() {
    for face in kaomoji() {
        check(
            &format!("**やった {face} ね** `a` {face}"),
            &format!("<b>やった {face} ね</b> <code>a</code> {face}"),
        );
        check(
            &format!("`x` {face} `y` *z* {face}"),
            &format!("<code>x</code> {face} <code>y</code> <i>z</i> {face}"),
        );
        check(
            &format!("> {face}\n- {face}\n```\n{face}\n```"),
            &format!("> {face}\n- {face}\n<pre>\n{face}\n</pre>"),
        );
    }
}

#[test]
fn keeps_what_is_escaped_already() {
    for text in [
        r"¯\\\_(ツ)\_/¯",
        r"(\*´ω\`\*)",
        r"\\(^o^)/",
        r"(\*^\_^\*)",
        r"(T\_T)",
        r"\_(:3」∠)\_",
        r"(ToT)/\~\~\~",
        r"(\|\|゜Д゜)",
        r"^\_^",
        r"\*not italic\*",
        r"5 \* 3 \_ 2 \` 1",
    ] {
        assert_eq!(escape_kaomoji(text), text);
    }
}

#[test]
fn completes_half_an_escape() {
    check(r"¯\\_(ツ)_/¯", r"¯\_(ツ)_/¯");
    check(r"¯\_(ツ)\_/¯", r"¯\_(ツ)_/¯");
    check(r"¯\\(ツ)/¯", r"¯\(ツ)/¯");
    check(r"(\*´ω`*)", "(*´ω`*)");
    check(r"(*´ω\`*)", "(*´ω`*)");
    check(r"\\_(^_^)_/", r"\_(^_^)_/");
}

#[test]
fn leaves_code_byte_for_byte() {
    for text in [
        "`code`",
        "``a ` b``",
        "`\\d+`",
        r"`C:\path\`",
        "`(´・ω・)` と `x`",
        "`(^_^)` and `\\(^o^)/`",
        "```\n(*´ω`*) \\d+ `x` ¯\\_(ツ)_/¯\n```",
        "```rust\nlet a = '`';\n```\nafter",
        "text ```(T_T) `inline` fence``` text",
        "(`x`)",
        "(see `f(a_b)`)",
        "(`a`, `b`)",
        "(→`x`)",
        "use `(` or `)` here",
        "`:(` and `:)` and `^_^`",
        "```\nnever closed (*´ω`*)",
    ] {
        assert_eq!(escape_kaomoji(text), text);
    }
}

#[test]
fn leaves_markdown_and_prose_byte_for_byte() {
    for text in [
        "**bold** *italic* _italic_ __under__ ~~struck~~ ||hidden||",
        "f(x) and print(\"a_b\") and g(a_b, c_d)",
        "(see *this*) (see _this_) (**注意**) (*a*) (**A**) (~~1~~) (||x||) (__x__)",
        "(*重要*) (_b_) (⭐ **4.5**) (*A・B*) (*20°*) (😀 **OK**) (✓ *1*)",
        "(a_b) (2*3*4) (n * m) (x|y) (*) (_) (~10%) (a *b* c)",
        "**(笑)** *(笑)* __(^o^)__ ~~(笑)~~ ||(^o^)||",
        r"a\nb C:\dir \d+ \w (\d+) \(x\) 1\. \# \- \>",
        "https://example.com/a_(b_c)_d_e?x=(T_T) end",
        "[link (a_b)](https://example.com/(T_T)_x)",
        "- item\n* item\n# Head\n> quote\n1. one",
        "(*привет*) (*café*) (*α*)",
        "snake_case_name and __init__ and a*b*c",
        "**(^o^)** done",
    ] {
        assert_eq!(escape_kaomoji(text), text);
    }
}

#[test]
fn keeps_formatting_around_a_kaomoji() {
    check("**(T_T)**", "<b>(T_T)</b>");
    check("*泣ける(T_T)*", "<i>泣ける(T_T)</i>");
    check("_sad (T_T)_", "<i>sad (T_T)</i>");
    check("__(^_^)__", "<u>(^_^)</u>");
    check("~~すみません(T_T)~~", "<s>すみません(T_T)</s>");
    check("||(>_<)||", "<hide>(>_<)</hide>");
    check(r"(^_^)\*star\*", "(^_^)*star*");
}

#[test]
fn escapes_a_backtick_that_opens_no_code() {
    check("5` long", "5` long");
    check("a `` b", "a `` b");
    check("one ` tick\n\nand ` another", "one ` tick\n\nand ` another");
    check("one ``` fence in a line", "one ``` fence in a line");
    check("`a` and `b", "<code>a</code> and `b");
    check("`´ and (*´ω`*)", "`´ and (*´ω`*)");
}

#[test]
fn makes_no_code_of_what_lies_between_two_kaomoji() {
    check("(*´ω`*) **太字** (*´ω`*)", "(*´ω`*) <b>太字</b> (*´ω`*)");
    check("(´・ω・`) `a` (´・ω・`)", "(´・ω・`) <code>a</code> (´・ω・`)");
}

#[test]
fn escaping_twice_changes_nothing_more() {
    let pieces = [
        "(",
        ")",
        "（",
        "）",
        "`",
        "``",
        "```",
        "\\",
        "_",
        "*",
        "**",
        "~",
        "~~",
        "|",
        "||",
        "¯",
        "/",
        "´",
        "ω",
        "・",
        "^",
        ";",
        "T",
        "o",
        "x",
        "日本",
        " ",
        "\n",
        "\n\n",
        "word",
        "https://a.b/",
        "(*´ω`*)",
        r"¯\_(ツ)_/¯",
        "<",
        ">",
        ":",
        "･ﾟ",
        "ﾉ",
        "-",
        ".",
        "3",
        "」",
        "😀",
    ];
    let mut seed = 5_u64;
    let mut roll = |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % sides
    };
    for _ in 0..2000 {
        let text: String = (0..roll(24)).map(|_| pieces[roll(pieces.len())]).collect();
        let once = escape_kaomoji(&text);
        assert_eq!(escape_kaomoji(&once), once, "{text:?}");
        let drop = |text: &str| text.replace('\\', "");
        assert_eq!(drop(&once), drop(&text), "only backslashes are added");
    }
}

#[test]
fn escapes_hostile_text_in_linear_time() {
    for pattern in [
        "`", "(", "(`", "\\", "\\(", "_", "(_", "¯\\", "*", "``a ", "(^_^)", "https://", "()\\",
        "^_^", "```\n", "` ``",
    ] {
        let text = pattern.repeat(20_000 / pattern.len());
        assert!(escape_kaomoji(&text).len() >= text.len());
    }
}

#[test]
fn escapes_faces_and_nothing_beside_them() {
    for (text, escaped) in [
        (r"¯\_(ツ)_/¯", r"¯\\\_(ツ)\_/¯"),
        ("(*´ω`*) **bold** `code`", r"(\*´ω\`\*) **bold** `code`"),
        ("f(x) (see *this*)", "f(x) (see *this*)"),
    ] {
        assert_eq!(escape_kaomoji(text), escaped);
    }
}
