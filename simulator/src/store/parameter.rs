//! Configuration parameters: numbered values with set and block selectors, as Set/Get LAN, SOL, Serial/Modem, PEF,
//! System Boot Options and System Info Parameters share them (IPMI 2.0 s23.1, s25.1, s26.2, s30.3, s28.12, s22.14a).

use std::collections::BTreeMap;

use ipmi_core::{CompletionCode, text::hex};

/// There is no such parameter.
pub const UNSUPPORTED: CompletionCode = CompletionCode(0x80);
/// Somebody already has the set-in-progress lock.
pub const LOCKED: CompletionCode = CompletionCode(0x81);
/// The parameter cannot be written.
pub const READ_ONLY: CompletionCode = CompletionCode(0x82);
/// The parameter cannot be read.
pub const WRITE_ONLY: CompletionCode = CompletionCode(0x83);
/// Bytes of one block of a parameter that has blocks.
pub const BLOCK: usize = 16;
/// The parameter that is the set-in-progress lock, in every family.
const SET_IN_PROGRESS: u8 = 0;

/// What a client may do with a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadWrite,
    ReadOnly,
    WriteOnly,
}

/// Which values of a parameter are lost when the BMC restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Volatile {
    None,
    /// The one of set selector 0.
    First,
    All,
}

/// One row of a family's table.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    number: u8,
    /// Fewest and most data bytes after the selectors.
    length: (usize, usize),
    /// A client may leave out zeros at the end.
    short: bool,
    /// First and last set selector.
    sets: Option<(u8, u8)>,
    /// First and last block selector.
    blocks: Option<(u8, u8)>,
    access: Access,
    volatile: Volatile,
    /// Leading bytes of the value nobody has set; the rest is 0.
    default: &'static [u8],
    valid: fn(&[u8]) -> bool,
}

/// A parameter of `length` bytes that can be read and written.
pub const fn parameter(number: u8, length: usize, default: &'static [u8]) -> Parameter {
    Parameter {
        number,
        length: (length, length),
        short: false,
        sets: None,
        blocks: None,
        access: Access::ReadWrite,
        volatile: Volatile::None,
        default,
        valid: |_| true,
    }
}

impl Parameter {
    /// Cannot be written.
    pub const fn read_only(self) -> Self {
        Self { access: Access::ReadOnly, ..self }
    }

    /// Cannot be read.
    pub const fn write_only(self) -> Self {
        Self { access: Access::WriteOnly, ..self }
    }

    /// Is lost when the BMC restarts.
    pub const fn volatile(self) -> Self {
        Self { volatile: Volatile::All, ..self }
    }

    /// Set 0 is lost when the BMC restarts.
    pub const fn volatile_first(self) -> Self {
        Self { volatile: Volatile::First, ..self }
    }

    /// Has a value for each set selector.
    pub const fn sets(self, first: u8, last: u8) -> Self {
        Self { sets: Some((first, last)), ..self }
    }

    /// Has a value for each block selector.
    pub const fn blocks(self, first: u8, last: u8) -> Self {
        Self { blocks: Some((first, last)), ..self }
    }

    /// Holds text: a client may send its last part short.
    pub const fn text(self) -> Self {
        Self { short: true, ..self }
    }

    /// May have up to `length` bytes.
    pub const fn at_most(self, length: usize) -> Self {
        Self { length: (self.length.0, length), ..self }
    }

    /// Takes only values that pass.
    pub const fn valid(self, valid: fn(&[u8]) -> bool) -> Self {
        Self { valid, ..self }
    }

    fn is_volatile(&self, set: u8) -> bool {
        match self.volatile {
            Volatile::None => false,
            Volatile::First => set == 0,
            Volatile::All => true,
        }
    }

    fn initial(&self) -> Vec<u8> {
        let mut value = self.default.to_vec();
        if value.len() < self.length.0 {
            value.resize(self.length.0, 0);
        }
        value
    }

    /// Checks the selectors and forgets those the parameter does not have.
    fn key(&self, set: u8, block: u8) -> Result<Key, CompletionCode> {
        let within = |range: Option<(u8, u8)>, selector: u8| match range {
            None => Ok(0),
            Some((first, last)) if (first..=last).contains(&selector) => Ok(selector),
            Some(_) => Err(CompletionCode::PARAMETER_OUT_OF_RANGE),
        };
        Ok((self.number, within(self.sets, set)?, within(self.blocks, block)?))
    }
}

/// Parameter number, set selector, block selector; selectors a parameter does not have are 0.
type Key = (u8, u8, u8);

/// The values of one family of parameters, and its set-in-progress lock.
#[derive(Debug, Clone)]
pub struct Parameters {
    table: &'static [Parameter],
    /// What the configuration put in place of the table's initial values.
    configured: BTreeMap<Key, Vec<u8>>,
    values: BTreeMap<Key, Vec<u8>>,
    /// Parameters this BMC does not have, and how it refuses them.
    refused: BTreeMap<u8, CompletionCode>,
    locked: bool,
}

impl Parameters {
    /// All parameters of `table` with their initial values.
    pub const fn new(table: &'static [Parameter]) -> Self {
        Self { table, configured: BTreeMap::new(), values: BTreeMap::new(), refused: BTreeMap::new(), locked: false }
    }

    fn row(&self, number: u8) -> Option<&'static Parameter> {
        self.table.iter().find(|row| row.number == number)
    }

    /// What a Get command returns after the parameter revision: the selectors the parameter has, then the value.
    ///
    /// # Errors
    /// 80h unsupported, 83h write-only, C9h no such selector.
    pub fn get(&self, number: u8, set: u8, block: u8) -> Result<Vec<u8>, CompletionCode> {
        self.require(number)?;
        if number == SET_IN_PROGRESS {
            return Ok(vec![u8::from(self.locked)]);
        }
        let row = self.row(number).ok_or(UNSUPPORTED)?;
        if row.access == Access::WriteOnly {
            return Err(WRITE_ONLY);
        }
        let key = row.key(set, block)?;
        let mut answer = Vec::new();
        answer.extend(row.sets.map(|_| set));
        answer.extend(row.blocks.map(|_| block));
        answer.extend(self.present(row, key));
        Ok(answer)
    }

    /// Takes the bytes of a Set command after the parameter number: selectors, then the value. True when the value
    /// outlives a restart.
    ///
    /// # Errors
    /// 80h unsupported, 81h locked, 82h read-only, C7h wrong length, C9h no such selector, CCh no such value.
    pub fn set(&mut self, number: u8, data: &[u8]) -> Result<bool, CompletionCode> {
        if number == SET_IN_PROGRESS {
            return self.lock(data).map(|()| false);
        }
        let row = self.row(number).ok_or(UNSUPPORTED)?;
        self.require(number)?;
        if row.access == Access::ReadOnly {
            return Err(READ_ONLY);
        }
        let mut rest = data;
        let mut selector = |wanted: bool| match rest {
            [first, more @ ..] if wanted => {
                rest = more;
                Ok(*first)
            }
            _ if wanted => Err(CompletionCode::REQUEST_LENGTH_INVALID),
            _ => Ok(0),
        };
        let (set, block) = (selector(row.sets.is_some())?, selector(row.blocks.is_some())?);
        let key = row.key(set, block)?;
        let shortest = if row.short { 1 } else { row.length.0 };
        if !(shortest..=row.length.1).contains(&rest.len()) {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        }
        if !(row.valid)(rest) {
            return Err(CompletionCode::INVALID_DATA_FIELD);
        }
        let mut value = rest.to_vec();
        value.resize(rest.len().max(row.length.0), 0);
        self.values.insert(key, value);
        Ok(!row.is_volatile(set))
    }

    // Values take effect when they are written, so "commit write" has nothing left to do.
    fn lock(&mut self, data: &[u8]) -> Result<(), CompletionCode> {
        let &[state] = data else { return Err(CompletionCode::REQUEST_LENGTH_INVALID) };
        match state & 3 {
            0 => self.locked = false,
            1 if self.locked => return Err(LOCKED),
            1 => self.locked = true,
            2 => {}
            _ => return Err(CompletionCode::INVALID_DATA_FIELD),
        }
        Ok(())
    }

    /// The value of a parameter without its selectors; empty when there is no such parameter.
    pub fn value(&self, number: u8, set: u8, block: u8) -> Vec<u8> {
        let Some(row) = self.row(number) else { return Vec::new() };
        let Ok(key) = row.key(set, block) else { return Vec::new() };
        self.present(row, key)
    }

    fn present(&self, row: &Parameter, key: Key) -> Vec<u8> {
        let value = self.values.get(&key).or_else(|| self.configured.get(&key));
        value.cloned().unwrap_or_else(|| row.initial())
    }

    /// One byte of a value, 0 where there is none.
    pub fn byte(&self, number: u8, set: u8, offset: usize) -> u8 {
        self.value(number, set, 0).get(offset).copied().unwrap_or(0)
    }

    fn key_of(&self, number: u8, set: u8, block: u8, length: usize) -> Option<Key> {
        let row = self.row(number)?;
        let fits = (row.length.0..=row.length.1).contains(&length);
        row.key(set, block).ok().filter(|_| fits)
    }

    /// Changes a value whatever a client may do with the parameter: the BMC's own changes. False when there is no such
    /// parameter, selector or length.
    pub fn put(&mut self, number: u8, set: u8, block: u8, value: &[u8]) -> bool {
        let key = self.key_of(number, set, block, value.len());
        key.map(|key| self.values.insert(key, value.to_vec())).is_some()
    }

    /// Gives a parameter another initial value, as [`Parameters::put`] does.
    pub fn configure(&mut self, number: u8, set: u8, block: u8, value: &[u8]) -> bool {
        let key = self.key_of(number, set, block, value.len());
        key.map(|key| self.configured.insert(key, value.to_vec())).is_some()
    }

    /// Gives a parameter a refusal for an answer. False when there is no such parameter.
    pub fn refuse(&mut self, number: u8, code: CompletionCode) -> bool {
        let known = number == SET_IN_PROGRESS || self.row(number).is_some();
        if known {
            self.refused.insert(number, code);
        }
        known
    }

    fn require(&self, number: u8) -> Result<(), CompletionCode> {
        self.refused.get(&number).map_or(Ok(()), |code| Err(*code))
    }

    /// Gives a parameter its initial value again.
    pub fn reset(&mut self, number: u8) {
        self.values.retain(|key, _| key.0 != number);
    }

    /// What a restart of the BMC does: volatile values and the lock are gone.
    pub fn restart(&mut self) {
        self.locked = false;
        let table = self.table;
        self.values.retain(|key, _| !is_volatile(table, *key));
    }

    /// The values that outlive a restart, as text for a state file.
    pub fn saved(&self) -> BTreeMap<String, String> {
        let kept = self.values.iter().filter(|(key, _)| !is_volatile(self.table, **key));
        kept.map(|((number, set, block), value)| (format!("{number}.{set}.{block}"), hex(value))).collect()
    }

    /// Puts back what [`Parameters::saved`] gave.
    ///
    /// # Errors
    /// Names the first value that is wrong.
    pub fn restore(&mut self, saved: &BTreeMap<String, String>) -> Result<(), String> {
        for (name, value) in saved {
            let wrong = || format!("expected NUMBER.SET.BLOCK of a parameter and its value, found `{name}`");
            let mut parts = name.split('.').map(str::parse::<u8>);
            let mut next = || parts.next().and_then(Result::ok).ok_or_else(wrong);
            let (number, set, block) = (next()?, next()?, next()?);
            if !self.put(number, set, block, &crate::config::hex::bytes(value)?) {
                return Err(wrong());
            }
        }
        Ok(())
    }
}

fn is_volatile(table: &[Parameter], (number, set, _): Key) -> bool {
    table.iter().any(|row| row.number == number && row.is_volatile(set))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Parameter] = &[
        parameter(1, 1, &[7]).read_only(),
        parameter(2, 4, &[1, 2]),
        parameter(3, 2, &[]).sets(0, 2).at_most(3).volatile_first(),
        parameter(4, BLOCK, &[]).sets(1, 1).blocks(1, 2).text(),
        parameter(5, 1, &[]).write_only().valid(|value| value != [9]),
    ];

    #[test]
    fn values_have_selectors_lengths_and_defaults() {
        let mut parameters = Parameters::new(TABLE);
        assert_eq!(parameters.get(1, 0, 0), Ok(vec![7]));
        assert_eq!(parameters.get(2, 0, 0), Ok(vec![1, 2, 0, 0]));
        assert_eq!(parameters.get(3, 2, 0), Ok(vec![2, 0, 0]));
        assert_eq!(parameters.set(3, &[2, 8, 9, 10]), Ok(true));
        assert_eq!(parameters.get(3, 2, 0), Ok(vec![2, 8, 9, 10]));
        assert_eq!(parameters.set(4, &[1, 2, 0x41]), Ok(true));
        assert_eq!(parameters.get(4, 1, 2).unwrap()[..4], [1, 2, 0x41, 0]);
        assert_eq!(parameters.get(4, 1, 2).unwrap().len(), 18);
    }

    #[test]
    fn refusals_have_their_codes() {
        let mut parameters = Parameters::new(TABLE);
        assert_eq!(parameters.get(9, 0, 0), Err(UNSUPPORTED));
        assert_eq!(parameters.set(9, &[0]), Err(UNSUPPORTED));
        assert_eq!(parameters.set(1, &[0]), Err(READ_ONLY));
        assert_eq!(parameters.get(5, 0, 0), Err(WRITE_ONLY));
        assert_eq!(parameters.set(5, &[9]), Err(CompletionCode::INVALID_DATA_FIELD));
        assert_eq!(parameters.set(2, &[0; 3]), Err(CompletionCode::REQUEST_LENGTH_INVALID));
        assert_eq!(parameters.set(2, &[0; 5]), Err(CompletionCode::REQUEST_LENGTH_INVALID));
        assert_eq!(parameters.set(3, &[]), Err(CompletionCode::REQUEST_LENGTH_INVALID));
        assert_eq!(parameters.set(3, &[3, 0, 0]), Err(CompletionCode::PARAMETER_OUT_OF_RANGE));
        assert_eq!(parameters.get(4, 1, 3), Err(CompletionCode::PARAMETER_OUT_OF_RANGE));
    }

    #[test]
    fn the_lock_is_held_by_one() {
        let mut parameters = Parameters::new(TABLE);
        assert_eq!(parameters.set(0, &[1]), Ok(false));
        assert_eq!(parameters.get(0, 0, 0), Ok(vec![1]));
        assert_eq!(parameters.set(0, &[1]), Err(LOCKED));
        assert_eq!(parameters.set(0, &[2]), Ok(false));
        assert_eq!(parameters.set(0, &[0]), Ok(false));
        assert_eq!(parameters.get(0, 0, 0), Ok(vec![0]));
    }

    #[test]
    fn a_state_file_keeps_what_is_not_volatile() {
        let mut parameters = Parameters::new(TABLE);
        parameters.set(2, &[4, 5, 6, 7]).unwrap();
        assert_eq!(parameters.set(3, &[0, 1, 1]), Ok(false));
        parameters.set(3, &[1, 2, 2]).unwrap();
        let mut again = Parameters::new(TABLE);
        again.restore(&parameters.saved()).unwrap();
        assert_eq!(again.value(2, 0, 0), [4, 5, 6, 7]);
        assert_eq!(again.value(3, 0, 0), [0, 0]);
        assert_eq!(again.value(3, 1, 0), [2, 2]);
        parameters.restart();
        assert_eq!(parameters.saved(), again.saved());
        for (name, value) in [("2.0", "00000000"), ("2.0.0", "00"), ("77.0.0", "00"), ("x", "00"), ("2.0.0", "xy")] {
            assert!(again.restore(&[(name.into(), value.into())].into()).is_err(), "{name} {value}");
        }
    }
}
