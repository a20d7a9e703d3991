//! Units: what each measures, and how many of the base units it has, as exact fractions.
//!
//! The table is text: it packs well, and a unit is looked up a few times in a call.

use super::error::{CalculateError, Why};
use super::number::Number;

/// Exponents of metre, kilogram, second, kelvin and bit.
pub(super) type Dimensions = [i8; 5];

/// A unit, also one that is made of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// As it is written.
    pub(super) name: String,
    /// How many base units it has: a number, over another one.
    pub(super) factor: (Number, Number),
    /// What it measures.
    pub(super) dimensions: Dimensions,
    /// Base units at its zero; only temperatures have any.
    pub(super) zero: (Number, Number),
}

/// What a line of [`TABLE`] measures.
const KINDS: [(&str, Dimensions); 13] = [
    ("length", [1, 0, 0, 0, 0]),
    ("area", [2, 0, 0, 0, 0]),
    ("volume", [3, 0, 0, 0, 0]),
    ("mass", [0, 1, 0, 0, 0]),
    ("time", [0, 0, 1, 0, 0]),
    ("speed", [1, 0, -1, 0, 0]),
    ("data", [0, 0, 0, 0, 1]),
    ("force", [1, 1, -2, 0, 0]),
    ("energy", [2, 1, -2, 0, 0]),
    ("power", [2, 1, -3, 0, 0]),
    ("pressure", [-1, 1, -2, 0, 0]),
    ("rate", [0, 0, -1, 0, 1]),
    ("temperature", [0, 0, 0, 1, 0]),
];

/// Kind, base units, and names. A `~` marks a unit that other people take to be another size: the result says
/// which one was taken.
///
/// # Source
/// BIPM, The International System of Units, 9th edition; NIST Special Publication 811, appendix B; for the
/// Japanese units the Weights and Measures Act of 1891 (尺 = 10/33 m, 升 = 2401/1331 L, 貫 = 3.75 kg), and for
/// 畳 the rule of the fair trade code for real estate, at least 1.62 m².
const TABLE: &str = "\
length 1 m meter meters metre metres メートル
length 1000 km kilometer kilometers kilometre kilometres キロ キロメートル
length 0.01 cm centimeter centimeters centimetre centimetres センチ センチメートル
length 0.001 mm millimeter millimeters millimetre millimetres ミリ ミリメートル
length 0.000001 um µm μm micrometer micrometers micron microns
length 0.000000001 nm nanometer nanometers
length 0.0254 inch inches インチ
length 0.3048 ft foot feet フィート
length 0.9144 yd yard yards ヤード
length 1609.344 mi mile miles マイル
length 1852 nmi 海里
length 149597870700 au
length 9460730472580800 ly lightyear lightyears 光年
length 10/33 尺
length 1/33 寸
length 20/11 間
length 43200/11 里
area 100 are ares アール
area 10000 ha hectare hectares ヘクタール
area 4046.8564224 acre acres エーカー
area 400/121 坪 tsubo
area 12000/121 畝
area 120000/121 反
area 1200000/121 町 町歩
area ~1.62 畳 帖 tatami jo
area 46755 東京ドーム
area 1 平米
volume 0.001 L l liter liters litre litres リットル ℓ
volume 0.000001 mL ml cc milliliter milliliters millilitre millilitres ミリリットル
volume 0.00001 cL cl
volume 0.0001 dL dl デシリットル
volume 1 kL kl
volume ~0.003785411784 gallon gallons gal ガロン
volume 0.00454609 ukgallon ukgallons
volume ~0.000946352946 quart quarts qt
volume ~0.000473176473 pint pints pt パイント
volume 0.00056826125 ukpint ukpints
volume ~0.0002365882365 cup cups
volume ~0.0000295735295625 floz
volume ~0.00001478676478125 tbsp tablespoon tablespoons
volume ~0.00000492892159375 tsp teaspoon teaspoons
volume ~0.0002 カップ
volume 0.000015 大さじ
volume 0.000005 小さじ
volume 0.158987294928 bbl barrel barrels バレル
volume 2401/13310000 合
volume 2401/1331000 升
volume 2401/133100 斗
volume 2401/13310 石
mass 1 kg kilogram kilograms キログラム
mass 0.001 g gram grams グラム
mass 0.000001 mg milligram milligrams ミリグラム
mass 0.000000001 ug µg μg microgram micrograms
mass ~1000 t ton tons tonne tonnes トン
mass 0.45359237 lb lbs pound pounds ポンド
mass 0.028349523125 oz ounce ounces オンス
mass 6.35029318 st stone
mass 907.18474 shortton shorttons
mass 0.0002 ct carat carats カラット
mass 0.00375 匁
mass 0.6 斤
mass 3.75 貫
time 1 s sec secs second seconds 秒
time 0.001 ms millisecond milliseconds ミリ秒
time 0.000001 us µs μs
time 0.000000001 ns
time 60 min mins minute minutes 分
time 3600 h hr hrs hour hours 時間
time 86400 d day days 日 日間
time 604800 week weeks 週 週間
speed 1609.344/3600 mph
speed 1000/3600 kph kmh 時速
speed 1852/3600 kn knot knots ノット
data 1 bit bits ビット
data 8 B byte bytes バイト
data 1000 kbit
data 1000000 Mbit
data 1000000000 Gbit
data 8000 kB KB kilobyte kilobytes
data 8000000 MB megabyte megabytes
data 8000000000 GB gigabyte gigabytes ギガ
data 8000000000000 TB terabyte terabytes
data 8000000000000000 PB petabyte petabytes
data 8192 KiB
data 8388608 MiB
data 8589934592 GiB
data 8796093022208 TiB
rate 1000 kbps
rate 1000000 Mbps mbps
rate 1000000000 Gbps gbps
force 1 N
energy 1 J joule joules
energy 1000 kJ
energy 3600 Wh
energy 3600000 kWh
energy 4.184 cal
energy 4184 kcal Cal カロリー キロカロリー
power 1 W watt watts ワット
power 1000 kW
power 1000000 MW
power 735.49875 馬力 PS
power 745.69987158227022 hp
pressure 1 Pa
pressure 100 hPa mbar
pressure 1000 kPa
pressure 100000 bar
pressure 101325 atm 気圧
pressure 133.322387415 mmHg
pressure 6894.757293168 psi
temperature 1 K kelvin
temperature 1@273.15 °C ℃ degC celsius 度
temperature 5/9@45967/180 °F ℉ degF fahrenheit 華氏";

/// Returns how a whole number of the base units is written.
fn whole(number: i64) -> (Number, Number) {
    (number.into(), 1.into())
}

impl Unit {
    /// Returns the unit of plain numbers.
    pub(super) fn none() -> Self {
        Self { name: String::new(), factor: whole(1), dimensions: [0; 5], zero: whole(0) }
    }

    /// Returns percent.
    pub(super) fn percent() -> Self {
        Self { name: "%".to_owned(), factor: (1.into(), 100.into()), ..Self::none() }
    }

    /// Finds a unit by its name; also what the result has to say about it.
    pub(super) fn find(word: &str) -> Option<(Self, Option<String>)> {
        if let Some(found) = look_up(word, word) {
            return Some(found);
        }
        let prefixes =
            [("平方", 2), ("立方", 3), ("square", 2), ("sq", 2), ("cubic", 3), ("cu", 3)];
        let by_prefix =
            prefixes.iter().find_map(|(prefix, power)| Some((word.strip_prefix(prefix)?, *power)));
        let suffixes = [("2", 2), ("3", 3)];
        let by_suffix =
            suffixes.iter().find_map(|(suffix, power)| Some((word.strip_suffix(suffix)?, *power)));
        let (rest, power) = by_prefix.or(by_suffix)?;
        let (unit, note) = look_up(rest, rest)?;
        if unit.dimensions != [1, 0, 0, 0, 0] {
            return None;
        }
        Some((Self { name: word.to_owned(), ..unit.to_power(power)? }, note))
    }

    /// Returns whether it is percent.
    pub(super) fn is_percent(&self) -> bool {
        self.name == "%"
    }

    /// Returns whether it is the unit of plain numbers.
    pub(super) const fn is_none(&self) -> bool {
        self.name.is_empty()
    }

    /// Returns whether its zero is not the zero of what it measures.
    pub(super) fn is_shifted(&self) -> bool {
        !self.zero.0.value.is_zero()
    }

    /// Returns the product of two units, or this one per the other.
    pub(super) fn with(&self, other: &Self, is_per: bool) -> Option<Self> {
        if other.is_none() {
            return Some(self.clone());
        }
        let (above, below) = other.factor;
        let (above, below) = if is_per { (below, above) } else { (above, below) };
        let factor = (self.factor.0.times(above).ok()?, self.factor.1.times(below).ok()?);
        let mut dimensions = self.dimensions;
        for (own, others) in dimensions.iter_mut().zip(other.dimensions) {
            let others = if is_per { others.checked_neg()? } else { others };
            *own = own.checked_add(others)?;
        }
        let (own, others) = (self.name.as_str(), other.name.as_str());
        let name = if is_per {
            let own = if self.is_none() { "1" } else { own };
            let is_long = others.contains(['/', '·']);
            let (open, close) = if is_long { ("(", ")") } else { ("", "") };
            [own, "/", open, others, close].concat()
        } else if self.is_none() {
            others.to_owned()
        } else if own == others {
            raised(own, 2)
        } else {
            [own, "·", others].concat()
        };
        Some(Self { name, factor, dimensions, zero: whole(0) })
    }

    /// Returns a whole power of the unit, at most the tenth.
    pub(super) fn to_power(&self, power: i64) -> Option<Self> {
        let exponent = i8::try_from(power).ok().filter(|it| it.unsigned_abs() <= 10)?;
        let mut dimensions = self.dimensions;
        for own in &mut dimensions {
            *own = own.checked_mul(exponent)?;
        }
        let (above, below) = self.factor;
        let factor = (above.to_power(power).ok()?, below.to_power(power).ok()?);
        Some(Self { name: raised(&self.name, power), factor, dimensions, zero: whole(0) })
    }

    /// Returns `value` of this unit in another one.
    ///
    /// # Errors
    /// When they measure different things.
    pub(super) fn convert(&self, value: Number, other: &Self) -> Result<Number, CalculateError> {
        if self.dimensions != other.dimensions {
            let [left, right] = [self, other].map(|unit| match unit.name.as_str() {
                "" => "a plain number".to_owned(),
                name => name.to_owned(),
            });
            return Err(Why::Dimensions { left, right }.into());
        }
        let mut value = value;
        if self.is_shifted() || other.is_shifted() {
            // In steps of the first unit: (value + its zero − the other's zero).
            let own = self.zero.0.over(self.zero.1)?.over(self.factor.0)?.times(self.factor.1)?;
            let (above, below) = other.zero;
            let others = above.times(self.factor.1)?.over(below.times(self.factor.0)?)?;
            value = value.plus(own)?.plus(others.negated())?;
        }
        // All that multiplies first: what has an end is exact.
        let above = self.factor.0.times(other.factor.1)?;
        let below = self.factor.1.times(other.factor.0)?;
        let ratio = above.over(below)?;
        if ratio.is_exact { value.times(ratio) } else { value.times(above)?.over(below) }
    }

    /// Returns `number` of it in base units.
    pub(super) fn base(&self, number: Number) -> Result<Number, CalculateError> {
        number.times(self.factor.0)?.over(self.factor.1)
    }
}

/// `m` → `m^2`, `m/s` → `(m/s)^2`
fn raised(name: &str, power: i64) -> String {
    let is_long = name.contains(['/', '·', '^']);
    if is_long { format!("({name})^{power}") } else { format!("{name}^{power}") }
}

fn look_up(word: &str, name: &str) -> Option<(Unit, Option<String>)> {
    let find = |is_it: &dyn Fn(&str) -> bool| {
        TABLE.lines().find(|line| line.split(' ').skip(2).any(is_it))
    };
    let line = find(&|it| it == name)
        .or_else(|| find(&|it| name.len() > 1 && it.eq_ignore_ascii_case(name)))?;
    let mut fields = line.split(' ');
    let kind = fields.next()?;
    let (_, dimensions) = KINDS.iter().find(|(name, _)| *name == kind)?;
    let size = fields.next()?;
    let number = size.trim_start_matches('~');
    let (factor, zero) = number.split_once('@').unwrap_or((number, "0"));
    let base = match kind {
        "area" => "m^2",
        "volume" => "m^3",
        _ => "kg",
    };
    let note = (number != size).then(|| ["1 ", word, " = ", factor, " ", base].concat());
    let (factor, zero) = (fraction(factor)?, fraction(zero)?);
    Some((Unit { name: word.to_owned(), factor, dimensions: *dimensions, zero }, note))
}

/// `10/33`, `0.3048`
fn fraction(text: &str) -> Option<(Number, Number)> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    Some((Number::read(above)?, Number::read(below)?))
}
