//! Escaped answers show what was meant, in a small model of how Discord renders.

mod client;

use miyabi_testing::fuzz::Numbers;

use self::client::visible;
use super::escape_kaomoji;

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
fn leaves_what_discord_reads_as_one_unit_byte_for_byte() {
    for unit in [
        "<:a_b:1>",
        "<:blob_hug_T_T:123456789012345678>",
        "<a:dance_o_o:123456789012345678>",
        "<t:1730073600>",
        "<t:1730073600:R>",
        "<t:-1:f>",
        "<@123456789012345678>",
        "<@!123>",
        "<@&123>",
        "<#123>",
        "</ask:123>",
        "</a_b c_d:123>",
        "</T_T o_o:123>",
        "<id:customize>",
        "<https://example.com/a_(T_T)_b>",
        "<discord://-/T_T/o_o>",
        "<mailto:T_T@example.com>",
        "<o_o@example.com>",
        "<+819012345678>",
        "<sound:123:456>",
        "<:x:1>_<:y:2>_<:z:3>",
        "<@1>_<@2>",
        "[docs](https://example.com/^_^)",
        "[docs](https://example.com/a_(T_T)_b)",
        "[docs](https://example.com/(*^_^*)/`x)",
        "[docs](<https://example.com/(>_<)>)",
        "[docs](https://example.com/T_T \"T T\")",
        "[a (b)](https://en.wikipedia.org/wiki/A_(b_c))",
        "`*`",
        "`ω`",
        "`→`",
        "`(`",
        "`\\`",
        "`★`",
    ] {
        for text in [
            unit.to_owned(),
            format!("({unit})"),
            format!("（{unit}）"),
            format!("({unit} or {unit})"),
            format!("{unit}{unit}"),
            format!("**{unit}** and _{unit}_"),
            format!("- ({unit}): x\n> {unit}"),
        ] {
            assert_eq!(escape_kaomoji(&text), text);
        }
        let beside = escape_kaomoji(&format!("(T_T) {unit} ¯\\_(ツ)_/¯ {unit} (*´ω`*)"));
        let expected = format!(r"(T\_T) {unit} ¯\\\_(ツ)\_/¯ {unit} (\*´ω\`\*)");
        assert_eq!(beside, expected);
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
    let mut numbers = Numbers::new(5);
    for _ in 0..2000 {
        let count = numbers.below(24);
        let text = numbers.text(&pieces, count);
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
