//! Reads an expression and computes it on the way, by recursive descent.
//!
//! | rule | |
//! | --- | --- |
//! | conversion | sum, or sum `in` sum, with `to`, `as` or `->` for `in` |
//! | sum | term ((`+` \| `-`) term)* |
//! | term | factor ((`*` \| `/` \| `per` \| `mod` \| `of`) factor)* |
//! | factor | (`+` \| `-`) factor \| power |
//! | power | postfix [`^` factor] |
//! | postfix | primary (`!` \| `%`)* |
//! | primary | number [unit]… \| date \| `(` conversion `)` \| function \| unit \| constant |

use std::rc::Rc;

use super::call;
use super::error::{CalculateError, Why};
use super::number::Number;
use super::tokens::Token;
use super::units::Unit;
use super::value::{self, Value};
use super::{MAX_DEPTH, MAX_OPERATIONS, functions};

/// What is left to read, and how much has been done.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    operations: usize,
    /// What was assumed about units that have several sizes.
    pub(super) notes: Vec<String>,
}

impl<'a> Parser<'a> {
    /// Returns a parser at the beginning.
    pub(super) const fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0, depth: 0, operations: 0, notes: Vec::new() }
    }

    /// Reads and computes the whole expression.
    ///
    /// # Errors
    /// A [`CalculateError`] for the model to read.
    pub(super) fn whole(&mut self) -> Result<Value, CalculateError> {
        let value = self.conversion()?;
        // 2 + 2 =
        self.take('=');
        match self.peek() {
            None => Ok(value),
            Some(_) => Err(self.expected("an operator or the end")),
        }
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn word_at(&self, ahead: usize) -> Option<&'a str> {
        match self.tokens.get(self.at + ahead) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn take(&mut self, sign: char) -> bool {
        let is_it = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is_it);
        is_it
    }

    pub(super) fn take_word(&mut self, words: &[&str]) -> Option<&'a str> {
        let word = self.word_at(0)?;
        let found = words.iter().any(|it| it.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found.then_some(word)
    }

    pub(super) fn expect(&mut self, sign: char, name: &'static str) -> Result<(), CalculateError> {
        if self.take(sign) { Ok(()) } else { Err(self.expected(name)) }
    }

    pub(super) fn expected(&self, expected: &'static str) -> CalculateError {
        let found = match self.peek() {
            None => "nothing more".to_owned(),
            Some(Token::Number(number)) => format!("`{}`", number.to_text().0),
            Some(Token::Word(word)) => format!("`{word}`"),
            Some(Token::Date(date)) => format!("`{}`", value::iso(*date)),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
        };
        Why::Expected { expected, found }.into()
    }

    pub(super) fn count(&mut self) -> Result<(), CalculateError> {
        self.operations += 1;
        if self.operations > MAX_OPERATIONS { Err(Why::TooMuch.into()) } else { Ok(()) }
    }

    /// Runs what may nest, one deeper.
    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, CalculateError>,
    ) -> Result<T, CalculateError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Why::TooDeep.into());
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    pub(super) fn conversion(&mut self) -> Result<Value, CalculateError> {
        let value = self.sum()?;
        if self.take_word(&["in", "to", "as", "into"]).is_none() && !self.take('>') {
            return Ok(value);
        }
        self.count()?;
        if self.take('%') || self.take_word(&["percent"]).is_some() {
            return value.converted(&Unit::percent());
        }
        match self.sum()? {
            Value::Quantity(number, unit) if number == Number::from(1) && !unit.is_none() => {
                value.converted(&unit)
            }
            Value::Months(_) => Err(Why::Calendar.into()),
            Value::Quantity(..) | Value::Date(_) | Value::Said(_) => Err(Why::Expected {
                expected: "a unit after `in`",
                found: "something else".to_owned(),
            }
            .into()),
        }
    }

    pub(super) fn sum(&mut self) -> Result<Value, CalculateError> {
        let mut value = self.term()?;
        loop {
            if self.take('+') {
                value = value.plus(self.term()?)?;
            } else if self.take('-') {
                value = value.minus(self.term()?)?;
            } else {
                return Ok(value);
            }
            self.count()?;
        }
    }

    fn term(&mut self) -> Result<Value, CalculateError> {
        let mut value = self.factor()?;
        loop {
            if self.take('*') || self.take_word(&["of", "の", "times"]).is_some() {
                value = value.times(self.factor()?)?;
            } else if self.take('/') || self.take_word(&["per"]).is_some() {
                value = value.over(self.factor()?)?;
            } else if self.take_word(&["mod"]).is_some() {
                value = value.remainder(self.factor()?)?;
            } else {
                return Ok(value);
            }
            self.count()?;
        }
    }

    fn factor(&mut self) -> Result<Value, CalculateError> {
        if self.take('-') {
            return self.deeper(Self::factor)?.negated();
        }
        if self.take('+') {
            return self.deeper(Self::factor);
        }
        self.power()
    }

    fn power(&mut self) -> Result<Value, CalculateError> {
        let base = self.postfix()?;
        let exponent = if self.take('^') {
            self.deeper(Self::factor)?.into_plain()?
        } else if self.take('²') {
            Number::from(2)
        } else if self.take('³') {
            Number::from(3)
        } else {
            return Ok(base);
        };
        self.count()?;
        match base {
            Value::Quantity(number, unit) if unit.dimensions != [0; 5] => {
                let whole = exponent.to_whole();
                let raised = whole.filter(|_| !unit.is_shifted()).and_then(|it| unit.to_power(it));
                let unit = raised.ok_or_else(|| Why::NotPlain(unit.name.clone()))?;
                Ok(Value::Quantity(functions::power(number, exponent)?, Rc::new(unit)))
            }
            base @ (Value::Quantity(..) | Value::Date(_) | Value::Months(_) | Value::Said(_)) => {
                Ok(Value::plain(functions::power(base.into_plain()?, exponent)?))
            }
        }
    }

    fn postfix(&mut self) -> Result<Value, CalculateError> {
        let mut value = self.primary()?;
        loop {
            if self.take('!') {
                value = Value::plain(call::factorial(value.into_plain()?)?);
            } else if self.take('%') {
                let is_operand =
                    matches!(self.peek(), Some(Token::Number(_) | Token::Sign('(' | '√')));
                if is_operand {
                    return Err(Why::Percent.into());
                }
                value = Value::Quantity(value.into_plain()?, Rc::new(Unit::percent()));
            } else {
                return Ok(value);
            }
            self.count()?;
        }
    }

    fn primary(&mut self) -> Result<Value, CalculateError> {
        let Some(token) = self.peek() else {
            return Err(self.expected("a number, a date, a unit or `(`"));
        };
        match token {
            Token::Date(date) => {
                self.at += 1;
                Ok(Value::Date(*date))
            }
            Token::Number(number) => {
                self.at += 1;
                self.quantity(*number)
            }
            Token::Sign('(') => {
                self.at += 1;
                let value = self.deeper(Self::conversion)?;
                self.expect(')', "`)`")?;
                // (1/8) km
                if let Value::Quantity(number, unit) = &value
                    && unit.is_none()
                {
                    return self.quantity(*number);
                }
                Ok(value)
            }
            Token::Sign('√') => {
                self.at += 1;
                self.count()?;
                let value = self.deeper(Self::postfix)?.into_plain()?;
                Ok(Value::plain(functions::root(value, 2)?))
            }
            Token::Word(word) => self.word(word),
            Token::Sign(_) => Err(self.expected("a number, a date, a unit or `(`")),
        }
    }

    /// Reads what follows a number: scales, then a unit, then smaller units, as in 5 ft 11 inch.
    fn quantity(&mut self, mut number: Number) -> Result<Value, CalculateError> {
        while let Some(word) = self.word_at(0) {
            let Some(scale) = call::scale(word) else { break };
            self.at += 1;
            number = number.times(scale)?;
        }
        let Some(word) = self.word_at(0) else { return Ok(Value::plain(number)) };
        if let Some(months) = months_of(word) {
            self.at += 1;
            let count = number.to_whole().and_then(|it| it.checked_mul(months));
            return Ok(Value::Months(count.ok_or(Why::Calendar)?));
        }
        if let Some(constant) = call::constant(word) {
            self.at += 1;
            return Ok(Value::plain(number.times(constant)?));
        }
        if self.is_inch() {
            self.at += 1;
            let unit = Unit::find("inch").map_or_else(Unit::none, |(unit, _)| unit);
            return Ok(Value::Quantity(number, Rc::new(unit)));
        }
        let Some(unit) = self.unit()? else { return Ok(Value::plain(number)) };
        let unit = Rc::new(unit);
        let mut value = Value::Quantity(number, Rc::clone(&unit));
        while let (Some(Token::Number(more)), Some(_)) = (self.peek(), self.word_at(1)) {
            let before = self.at;
            self.at += 1;
            match self.unit() {
                Ok(Some(smaller)) if smaller.dimensions == unit.dimensions => {
                    value = value.plus(Value::Quantity(*more, Rc::new(smaller)))?;
                    self.count()?;
                }
                _ => {
                    self.at = before;
                    break;
                }
            }
        }
        Ok(value)
    }

    /// `10 in in cm`: the first of them is inches.
    fn is_inch(&self) -> bool {
        self.word_at(0) == Some("in")
            && match self.tokens.get(self.at + 1) {
                None => true,
                Some(Token::Sign(sign)) => *sign != '%',
                Some(Token::Word(next)) => matches!(next.as_str(), "in" | "to" | "as"),
                Some(Token::Number(_) | Token::Date(_)) => false,
            }
    }

    /// Reads a unit, of one word or two, and its power.
    fn unit(&mut self) -> Result<Option<Unit>, CalculateError> {
        let Some(word) = self.word_at(0) else { return Ok(None) };
        if call::is_keyword(word) {
            return Ok(None);
        }
        let pair = self.word_at(1).map(|next| [word, next].concat());
        let (unit, note) = if let Some(found) = Unit::find(word) {
            self.at += 1;
            found
        } else if let Some(found) = pair.as_deref().and_then(Unit::find) {
            self.at += 2;
            found
        } else {
            return Err(Why::UnknownWord(word.chars().take(40).collect()).into());
        };
        if let Some(note) = note.filter(|note| !self.notes.contains(note)) {
            self.notes.push(note);
        }
        let power = match (self.peek(), self.tokens.get(self.at + 1)) {
            (Some(Token::Sign('²')), _) => Some((1, 2)),
            (Some(Token::Sign('³')), _) => Some((1, 3)),
            (Some(Token::Sign('^')), Some(Token::Number(power))) => {
                power.to_whole().map(|power| (2, power))
            }
            _ => None,
        };
        let Some((length, power)) = power else { return Ok(Some(unit)) };
        self.at += length;
        Ok(Some(unit.to_power(power).ok_or(Why::NotPlain(unit.name))?))
    }

    fn word(&mut self, word: &'a str) -> Result<Value, CalculateError> {
        let is_call = self.tokens.get(self.at + 1) == Some(&Token::Sign('('));
        if let Some(value) = self.deeper(|parser| call::date_words(parser, word, is_call))? {
            return Ok(value);
        }
        if is_call && call::is_function(word) {
            self.at += 2;
            self.count()?;
            return self.deeper(|parser| call::run(parser, word));
        }
        if let Some(constant) = call::constant(word) {
            self.at += 1;
            return Ok(Value::plain(constant));
        }
        if matches!(word, "today" | "now" | "tomorrow" | "yesterday" | "今日" | "明日" | "昨日")
        {
            return Err(Why::Today.into());
        }
        if months_of(word).is_some() {
            return Err(Why::Calendar.into());
        }
        match self.unit()? {
            Some(unit) => Ok(Value::Quantity(Number::from(1), Rc::new(unit))),
            None => Err(self.expected("a number, a date, a unit or `(`")),
        }
    }

    pub(super) const fn skip(&mut self, tokens: usize) {
        self.at += tokens;
    }

    pub(super) const fn place(&self) -> usize {
        self.at
    }

    pub(super) const fn return_to(&mut self, place: usize) {
        self.at = place;
    }
}

/// Returns the months of a calendar unit.
pub(super) fn months_of(word: &str) -> Option<i64> {
    match word {
        "month" | "months" | "か月" | "ヶ月" | "カ月" | "ヵ月" | "ケ月" | "箇月" => {
            Some(1)
        }
        "year" | "years" | "年" | "年間" => Some(12),
        _ => None,
    }
}
