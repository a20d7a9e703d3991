//! An expression as tokens, with the characters of Japanese keyboards made plain.

use chrono::NaiveDate;

use super::error::{CalculateError, Why};
use super::number::Number;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A number.
    Number(Number),
    /// A name: unit, function, constant or keyword.
    Word(String),
    /// A date.
    Date(NaiveDate),
    /// An operator or bracket.
    Sign(char),
}

/// Large numbers as Japanese writes them.
const SCALES: [(char, &str); 5] = [
    ('千', "1000"),
    ('万', "10000"),
    ('億', "100000000"),
    ('兆', "1000000000000"),
    ('京', "10000000000000000"),
];

/// Returns the tokens of an expression.
///
/// # Errors
/// When a character, number or date means nothing.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, CalculateError> {
    let characters: Vec<char> = text.chars().map(plain).collect();
    let mut reader = Reader { characters: &characters, at: 0, calls: Vec::new() };
    let mut tokens = Vec::new();
    while let Some(character) = reader.peek(0) {
        if character.is_whitespace() {
            reader.at += 1;
            continue;
        }
        let token = match character {
            '0'..='9' | '.' => match reader.date()? {
                Some(date) => Token::Date(date),
                None => Token::Number(reader.number()?),
            },
            _ if is_letter(character) => Token::Word(reader.word()),
            _ => Token::Sign(reader.sign(character, tokens.last())?),
        };
        tokens.push(token);
    }
    Ok(tokens)
}

/// Full-width forms are those of ASCII, and each sign has one spelling.
fn plain(character: char) -> char {
    match character {
        '！'..='～' => u32::from(character)
            .checked_sub(0xfee0)
            .and_then(char::from_u32)
            .map_or(character, plain),
        '×' | '✕' | '✖' | '⋅' | '∙' | '·' => '*',
        '÷' | '∕' => '/',
        '−' | '–' | '—' | '‐' | '‑' => '-',
        '、' => ',',
        '[' | '{' => '(',
        ']' | '}' => ')',
        '→' | '⇒' => '>',
        other => other,
    }
}

fn is_letter(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | '°' | '℃' | '℉' | '㎡')
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
    /// Open brackets, and whether each is that of a function's arguments.
    calls: Vec<bool>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn digits(&self, from: usize) -> usize {
        let rest = self.characters.iter().skip(self.at + from);
        rest.take_while(|character| character.is_ascii_digit()).count()
    }

    fn text(&self, length: usize) -> String {
        self.characters.iter().skip(self.at).take(length).collect()
    }

    /// Reads `2026-11-28` and `2026年11月28日`.
    fn date(&mut self) -> Result<Option<NaiveDate>, CalculateError> {
        let year = self.digits(0);
        let mut length = year + 1;
        let month = self.digits(length);
        let (first, second) = (self.peek(year), self.peek(length + month));
        length += month + 1;
        let day = self.digits(length);
        length += day;
        let is_iso = (first, second) == (Some('-'), Some('-')) && (year, month, day) == (4, 2, 2);
        let is_japanese = (first, second) == (Some('年'), Some('月'))
            && (1..=4).contains(&year)
            && (1..=2).contains(&month)
            && (1..=2).contains(&day)
            && self.peek(length) == Some('日');
        if !is_iso && !is_japanese {
            return Ok(None);
        }
        let text = self.text(length + usize::from(is_japanese));
        let mut parts =
            text.split(|it: char| !it.is_ascii_digit()).filter_map(|it| it.parse().ok());
        let mut next = || parts.next().unwrap_or(0_u32);
        let (year, month, day) = (next(), next(), next());
        let year = i32::try_from(year).ok().filter(|year| *year > 0);
        let date = year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        self.at += text.chars().count();
        Ok(Some(date.ok_or(Why::Date(text))?))
    }

    /// Reads digits, groups of thousands, decimals, an exponent, and 万 and the like behind it.
    fn number(&mut self) -> Result<Number, CalculateError> {
        let mut sum = self.plain_number()?;
        let Some(scale) = self.scale() else { return Ok(sum) };
        sum = sum.times(scale)?;
        // 1億2000万: further parts are smaller.
        while self.peek(0).is_some_and(|it| it.is_ascii_digit()) {
            let part = self.plain_number()?;
            let scale = self.scale();
            let part = scale.map_or(Ok(part), |scale| part.times(scale))?;
            sum = sum.plus(part)?;
        }
        Ok(sum)
    }

    fn scale(&mut self) -> Option<Number> {
        let mut scale = None;
        while let Some((_, value)) = SCALES.iter().find(|(name, _)| self.peek(0) == Some(*name)) {
            self.at += 1;
            let value = Number::read(value)?;
            scale = Some(match scale {
                Some(scale) => value.times(scale).ok()?,
                None => value,
            });
        }
        scale
    }

    fn plain_number(&mut self) -> Result<Number, CalculateError> {
        let mut digits = String::new();
        let is_call = self.calls.last().copied().unwrap_or(false);
        loop {
            let count = self.digits(0);
            digits.push_str(&self.text(count));
            self.at += count;
            let is_group = self.peek(0) == Some(',') && !is_call && self.digits(1) == 3;
            if !is_group || digits.is_empty() {
                break;
            }
            self.at += 1;
        }
        if self.peek(0) == Some('.') {
            let count = self.digits(1) + 1;
            digits.push_str(&self.text(count));
            self.at += count;
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.peek(1), Some('+' | '-')));
            let count = self.digits(1 + sign);
            if count > 0 {
                digits.push_str(&self.text(1 + sign + count));
                self.at += 1 + sign + count;
            }
        }
        let is_odd = matches!(self.peek(0), Some('.'));
        let shown = || digits.chars().take(60).collect::<String>() + if is_odd { "." } else { "" };
        Ok(Number::read(&digits).filter(|_| !is_odd).ok_or_else(|| Why::Number(shown()))?)
    }

    /// Reads a name; a 2 or 3 at its end belongs to it, as in m2.
    fn word(&mut self) -> String {
        let rest = self.characters.iter().skip(self.at);
        let mut length = rest.take_while(|character| is_letter(**character)).count();
        let first = self.text(length);
        // 2026-11-28から: a particle of one character ends a word of Japanese only.
        length += match first.as_str() {
            "log" => self.digits(length),
            _ => usize::from(
                matches!(self.peek(length), Some('2' | '3')) && self.digits(length) == 1,
            ),
        };
        let word = self.text(length);
        self.at += length;
        word.replace('㎡', "m2")
    }

    fn sign(&mut self, character: char, before: Option<&Token>) -> Result<char, CalculateError> {
        self.at += 1;
        let sign = match character {
            '*' if self.peek(0) == Some('*') => {
                self.at += 1;
                '^'
            }
            '-' if self.peek(0) == Some('>') => {
                self.at += 1;
                '>'
            }
            '²' => '²',
            '³' => '³',
            '√' | '+' | '-' | '*' | '/' | '^' | '%' | '!' | ',' | ';' | '=' | '>' => character,
            '(' => {
                self.calls.push(matches!(before, Some(Token::Word(_))));
                character
            }
            ')' => {
                self.calls.pop();
                character
            }
            other => return Err(Why::UnknownCharacter(other).into()),
        };
        Ok(sign)
    }
}
